/* thresholds.h - from which size on a set of users is no longer a chain of comparisons.
 *
 * Measured with GCC 12 at -O2, in ns per question, one in twenty of the JIDs asked being in the
 * set:
 *
 *                            8     32    128    256    512   1000
 *   users, chain             4      5      8
 *   users, switch            3      6     11     17     27     56
 *   users, sorted table     36     53     74     89    108    125
 *   servers, chain           4      4     23
 *   servers, switch          4      3      5     11     28     70
 *   servers, sorted table   22     31     43     46     55     59
 *
 * Short sets are chains because these read best. The switch is the fastest up to some hundred
 * members; beyond that it grows with the number of members of equal length and last byte, and so
 * does the code, while a table stays as it is.
 */
#ifndef CFGC_EMIT_THRESHOLDS_H
#define CFGC_EMIT_THRESHOLDS_H

#define MOST_IN_CHAIN  8
#define MOST_IN_SWITCH 512

#endif
