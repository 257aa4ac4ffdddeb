/* SPDX-License-Identifier: BSD-2-Clause */
/* What each trap from user mode means. */
#include "arch.h"
#include "tcb.h"

/* With the FPU off any undefined instruction may be one of its: turn it on and
   try again. If it was none it traps once more. */
void undefined_entry(void)
{
    if (fpu_user == current)
        exception_entry(EXC_UNDEFINED, 0);
    fpu_take(current);
    arch_resume(current);
}

void prefetch_abort_entry(void)
{
    word_t fsr = cp15_read(IFSR);
    word_t status = fsr & FSR_STATUS;

    if (FSR_PAGE_FAULT(status)) {
        if (space_recover(current->space))
            arch_resume(current);
        fault_entry(cp15_read(IFAR), RIGHT_READ);
    }
    exception_entry(status == FSR_DEBUG ? EXC_BREAKPOINT : EXC_PREFETCH_ABORT,
                    fsr);
}

void data_abort_entry(void)
{
    word_t fsr = cp15_read(DFSR);
    word_t status = fsr & FSR_STATUS;

    if (FSR_PAGE_FAULT(status))
        fault_entry(cp15_read(DFAR),
                    (fsr & DFSR_WNR) ? RIGHT_WRITE : RIGHT_READ);
    exception_entry(status == FSR_ALIGNMENT ? EXC_ALIGNMENT : EXC_DATA_ABORT,
                    fsr);
}

/* Programs have no vectors of their own. */
enum reflection arch_reflect(struct tcb *t, word_t number, word_t code,
                             struct user_fault *fault)
{
    (void)t;
    (void)number;
    (void)code;
    (void)fault;
    return REFLECT_NONE;
}
