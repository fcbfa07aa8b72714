/** Where the lab can stop a server: what it is about to do, or has just done. */
export type CrashPlace = "commit" | "bill" | "answer" | "claim" | "load" | "start" | "second socket"

/** A place in the server's work and the side of it on which the process ends. */
export interface CrashAt {
  readonly place: CrashPlace
  /** `half`: of a commit, the first half of its units is in the books and the second is not. */
  readonly when: "before" | "half" | "after"
}

/** The same of a step that is taken as a whole: of a payment, a wallet, a subscription. */
export interface StepAt<Place extends string> {
  readonly place: Place
  readonly when: "before" | "after"
}

/**
 * Every point at which a server can be made to die as by `kill -9`, by the name that stories and scenarios use. Null:
 * at that instant, whatever it does. All others wait for the next time the server passes the place; a further one is a
 * line here (and a place in `lab/CmsProcess`, where it is at none of those).
 */
export const crashPoints = {
  /** Any process at any time: the kernel's memory killer, a pulled cable, an impatient operator. */
  now: null,
  /** Decided and not written: the station has no answer and repeats the message to the next process. */
  "before the next commit": { place: "commit", when: "before" },
  /**
   * A batch that the journal had to take in parts (one of its units contradicted the books, or was too large) and of
   * which only some were written. Each unit is whole or not there.
   */
  "in the middle of the next commit": { place: "commit", when: "half" },
  /** Written, and nobody heard of it: the repeated message must find itself in the books. */
  "after the next commit": { place: "commit", when: "after" },
  /** The answer is with the socket, and the process dies before the kernel has it: for the station it never was. */
  "before the next answer is flushed": { place: "answer", when: "before" },
  /** Priced and not written: the next process prices it again, to the same bill under the same id. */
  "before the next bill is written": { place: "bill", when: "before" },
  /** Written and not told: the next process must not bill again. */
  "after the next bill is written": { place: "bill", when: "after" },
  /** Killed, and killed again while it reads what it needs to start: a supervisor that is too impatient. */
  "while it starts again": { place: "start", when: "before" },
  /** The station's epoch is taken, its state not read: the claim is nobody's. */
  "after the next claim": { place: "claim", when: "after" },
  /** The station's state is read for its new connection, which is not served yet. */
  "after the next load": { place: "load", when: "after" },
  /** A second socket of a station took its place on the register; its claim is on the way, the older one is closing. */
  "when a second socket comes": { place: "second socket", when: "after" }
} as const satisfies Readonly<Record<string, CrashAt | null>>

/** The name of a crash point. */
export type CrashPoint = keyof typeof crashPoints

/** All of them, in the order listed. */
export const crashPointNames = Object.keys(crashPoints) as ReadonlyArray<CrashPoint>
