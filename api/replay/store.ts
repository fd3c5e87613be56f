/**
 * Where the answers of paid work are kept, so that asking for the same thing again costs nothing.
 *
 * What every store guarantees, under whichever name a caller may run:
 *
 * - At most one owner holds the claim on a key at a time. A claim ends when it is released, when
 *   the answer is there, or when its lease is over without a renewal (its owner has died).
 * - While an answer is stored, nobody gets a claim on its key: the work is not done again.
 * - The first answer of a key stands until its lifetime is over, byte for byte. An owner who lost
 *   his claim (he stood still for longer than the lease) and answers second is told the first.
 * - Answers may be dropped earlier, where a store is bounded in size; a claim never is.
 *
 * All of it holds across every process that uses the same store. Methods reject when the store
 * cannot be reached; the caller must then treat the key as not claimed.
 */
export interface ReplayStore {
  /**
   * Claims the key for `owner`, or renews the claim that `owner` has, for the lease (ms).
   * False while an answer is stored or another owner holds it.
   */
  claim: (key: string, owner: string, lease: number) => Promise<boolean>
  /** Stores the answer for its lifetime (ms), ends the claim, and gives the answer that stands. */
  complete: (key: string, answer: string, lifetime: number) => Promise<string>
  /** Ends the claim without an answer, if `owner` holds it. */
  release: (key: string, owner: string) => Promise<void>
  /** The stored answer. */
  read: (key: string) => Promise<string | undefined>
}
