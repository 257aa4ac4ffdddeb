/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

bool pager_request(l4_threadid_t pager, const l4_umword_t request[2],
                   struct window window, l4_addr_t *where)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    if (l4_ipc_call(pager, L4_IPC_SHORT_MSG, request[0], request[1],
                    L4_IPC_MAPMSG(window.address, window.log2_size), &w0, &w1,
                    L4_IPC_NEVER, &dope))
        return false;
    if (!l4_ipc_fpage_received(dope))
        return false;
    if (where)
        *where = w0 & L4_PAGEMASK;
    return true;
}

bool pager_any_page(l4_threadid_t pager, unsigned log2_size,
                    struct window window, l4_addr_t *where)
{
    l4_umword_t request[2] = {
        REQUEST_ANY_PAGE, l4_fpage(0, log2_size, 0, 0).raw,
    };

    return pager_request(pager, request, window, where);
}

bool pager_ram(l4_threadid_t pager, l4_fpage_t ram, struct window window)
{
    l4_umword_t request[2] = { REQUEST_RAM, ram.raw };

    return pager_request(pager, request, window, NULL);
}

bool pager_device(l4_threadid_t pager, l4_fpage_t device,
                  struct window window)
{
    l4_umword_t request[2] = { REQUEST_DEVICE, device.raw };

    return pager_request(pager, request, window, NULL);
}

bool pager_ports(l4_threadid_t pager, l4_fpage_t ports)
{
    l4_umword_t request[2] = { REQUEST_PORTS, ports.raw };

    return l4_is_iofpage(ports) &&
           pager_request(pager, request, WINDOW_PORTS, NULL);
}
