/**
 * Hard states that a simulation is to reach: each is marked where the code passes it, and a report says how often that
 * was. Nobody listens in production, where a mark costs one comparison. Marks tell of nothing but their name, so that
 * listening changes nothing.
 */
export const hardStates = {
  "an answer to a start was lost, and the start came again": "nightly",
  "a stop came twice": "nightly",
  "a reading came after the end": "nightly",
  "a start came after what followed it": "nightly",
  "a start came when its connector was free again": "nightly",
  "a start came when the next one had begun": "nightly",
  "a status came when its charge had been let go": "nightly",
  "a charge of unknown place ended with the last car": "rare",
  "a stop of a transaction that nobody knew": "nightly",
  "a transaction superseded by the next one": "nightly",
  "a transaction settled by the sweeper": "nightly",
  "a charge was closed by hand": "nightly",
  "a charge that was closed by hand went on": "nightly",
  "a bill was taken back and made again": "nightly",
  "a card was at its limit": "nightly",
  "a card without credit": "nightly",
  "a charge was stopped before its wallet was empty": "nightly",
  "a charge began that had been ordered with a limit": "nightly",
  "a charge was stopped where its driver wanted it to": "nightly",
  "money was let go that a dead server had set aside": "rare",
  "two sockets of one station at once": "nightly",
  "a claim fenced an older owner's write": "nightly",
  "a station spoke to a node that no longer owned it": "nightly",
  "a station was asked for at a node that had it not": "nightly",
  "a station was claimed again when its taker had let it go": "nightly",
  "a batch was written in part and the server died": "rare",
  "a bill was priced and the server died": "nightly",
  "an answer was in the socket and the server died": "nightly",
  "a station changed sockets and the server died": "nightly",
  "a commit of unknown outcome was repeated": "nightly",
  "the store was away, and was asked again": "nightly",
  "a card was refused at the start that had been accepted": "nightly",
  "an end was told after a power cut": "nightly",
  "a transaction went on after a power cut": "nightly",
  "a memory was lost with a transaction in it": "nightly",
  "a message was repeated after a break": "nightly"
} as const

/** The name of a hard state. What is "nightly" is promised by a long exploration; what is "rare" is counted. */
export type HardState = keyof typeof hardStates

let listener: ((state: HardState) => void) | undefined

/** The code passes a hard state. */
export const sometimes = (state: HardState): void => {
  if (listener !== undefined) listener(state)
}

/** Counts the marks of this process into `counts` until the returned function is called; one counter at a time. */
export const countInto = (counts: Map<HardState, number>): (() => void) => {
  const own = (state: HardState): void => {
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  listener = own
  return () => {
    if (listener === own) listener = undefined
  }
}
