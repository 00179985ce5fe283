/* Put in front of every source file of c-ares. c-ares can look up a service ("http") for its port
 * number; libcurl only ever asks it for hosts, with numbers for ports. In a static program the C
 * library's look-up would be the one thing left that loads NSS modules of the machine it runs on,
 * so there are no service names: none is found. */
#ifndef FORKLIFT_NO_SERVICE_NAMES_H
#define FORKLIFT_NO_SERVICE_NAMES_H

#include <netdb.h>
#include <stddef.h>

#define getservbyname_r(name, protocol, entry, buffer, size, result) (*(result) = NULL, 0)

#endif
