/* The bytes of a tally.
 *
 *     magic (8 bytes) · format (4) · text · customers · names · ledgers · checksum (8)
 *
 * Numbers are varints of 7 bits, lowest first and as short as possible; signed ones are folded
 * (0, −1, 1, −2 …); format and checksum (sj__hash_key of all before it) are little-endian.  A
 * text is its length and its bytes; names are their number and then texts in bytewise order.  A
 * ledger is its description (name, key, counts, sums, spreads: five texts), the number of its
 * rows, and the rows in order: number of parts and parts of the key, counts, sums, spreads.  A
 * spread is the number of its cells and per cell how far its bucket lies behind the one before,
 * count and sum. */
#ifndef SJ__TALLY_TALLY_FORMAT_H
#define SJ__TALLY_TALLY_FORMAT_H

#define SJ__TALLY_MAGIC "\x89SJtally"
#define SJ__TALLY_FORMAT 1
#define SJ__TALLY_HEAD 12
#define SJ__TALLY_TAIL 8

#endif
