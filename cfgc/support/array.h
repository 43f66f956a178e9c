/* array.h - the length of an array whose size the compiler knows. */
#ifndef CFGC_SUPPORT_ARRAY_H
#define CFGC_SUPPORT_ARRAY_H

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
