/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calendar clock of the PC and the Malta board, a Motorola MC146818A, for the
 * device.c of both: that says before how ports are reached, RTC_WRITE(port, value)
 * and RTC_READ(port).
 */
#define RTC_INDEX   0x70
#define RTC_DATA    0x71
#define RTC_A       10          /* register A: the rate */
#define RTC_A_RATE  0x26        /* 1,024 a second, of 32,768 Hz */
#define RTC_B       11
#define RTC_B_PIE   0x40        /* periodic interrupt */
#define RTC_B_24H   0x02
#define RTC_C       12          /* reading it acknowledges */

const int clock_irq = 8;

static void rtc_write(unsigned reg, unsigned value)
{
    RTC_WRITE(RTC_INDEX, reg);
    RTC_WRITE(RTC_DATA, value);
}

void clock_start(void)
{
    rtc_write(RTC_A, RTC_A_RATE);
    rtc_write(RTC_B, RTC_B_24H | RTC_B_PIE);
}

void clock_quiet(void)
{
    rtc_write(RTC_B, RTC_B_24H);
    RTC_WRITE(RTC_INDEX, RTC_C);
    (void)RTC_READ(RTC_DATA);
}
