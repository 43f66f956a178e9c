/* thresholds.h - from which size on a table beats a chain of comparisons.
 *
 * Measured with GCC 12 at -O2 on sets of {user, U, S}, 1 in 20 of the JIDs asked being a member: up
 * to 8 users the chain takes 3 to 12 ns and the table 12 to 15 ns; from 16 on the table wins, and
 * it stays under 60 ns at 100,000. Sets of servers: a switch on length and last byte takes 2 to 6
 * ns up to about 64 names; beyond that its chains of equal length and end grow, and the table's 20
 * to 50 ns win.
 */
#ifndef CFGC_EMIT_THRESHOLDS_H
#define CFGC_EMIT_THRESHOLDS_H

#define MOST_USERS_IN_CHAIN    8
#define MOST_SERVERS_IN_CHAIN  8
#define MOST_SERVERS_IN_SWITCH 64

#endif
