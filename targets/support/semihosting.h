/* Services of the machine that runs the emulator. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

/* Ends the emulator with this exit status. */
void semihosting_exit(int status);

#endif
