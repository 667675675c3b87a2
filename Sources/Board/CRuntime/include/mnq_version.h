/* The version of the kernels. Firmware has a file of this name in which each kernel is called after
 * its version, so that no network runs on kernels that are not its own. */
#ifndef MNQ_VERSION_H
#define MNQ_VERSION_H

#define MNQ_VERSION 0

#endif
