/* What happens when the system gives no more memory. Swift's runtime has no way to go on and prints
 * a backtrace; this puts a sentence and a status in its place, for the whole process and all of its
 * libraries, since it stands before the system's malloc. */
#ifndef OUT_OF_MEMORY_H
#define OUT_OF_MEMORY_H

/* The status of a process that ends so. */
#define MNQM_STATUS 1

/* From now on a request for memory that fails ends the process: with a sentence on standard error
 * and MNQM_STATUS, or, once there is mnqm_wake, by whoever reads there. */
void mnqm_begin(void);

/* The first request that fails writes the byte 0 to `descriptor`, whose reader has to call mnqm_say
 * and to end the process, soon and with little memory: some was kept for it. Requests for much wait
 * from then on; those for little are still met, so that a thread that holds a lock releases it. */
void mnqm_wake(int descriptor);

/* The commit that the program was built from; empty but where whoever links it says more. */
const char *mnqm_commit(void);

/* Says on standard error how much was asked for and what to do; nothing behind mnqm_told. */
void mnqm_say(void);

/* Another sentence says why the process ends, which has to do no more than that. */
void mnqm_told(void);

#endif
