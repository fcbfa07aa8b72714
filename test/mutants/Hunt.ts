/** What a hunter is told: all of it data, because it crosses to a process of its own. */
export interface Task {
  /** Null hunts in the code as it is: what is found then is no mutant's doing. */
  readonly mutantId: string | null
  /** Story `n` is drawn from `<seed>/<n>`. */
  readonly seed: string
  /** Generated stories at most. */
  readonly budget: number
  /** Whether the pinned stories and the scenarios are lived too, when no generated story found it. */
  readonly goesOn: boolean
  /** Whether the story that found it is made smaller. */
  readonly shrinks: boolean
  /** For as long at most. */
  readonly shrinkSeconds: number
}

/** How a defect showed. */
export interface Capture {
  /**
   * Generated stories, stories pinned in `scenarios/stories`, scenarios of the catalogue at a small size, or days of payments
   * (`paymentDays.ts`).
   */
  readonly by: "stories" | "pinned stories" | "scenarios" | "payment days"
  /** The seed, the file or the scenario. */
  readonly where: string
  readonly oracle: string
  readonly sentence: string
  readonly expected: string
  readonly found: string
  /** Stories and days lived until then, this one included. */
  readonly runs: number
  /** Steps of the story when it was found and when it had been made smaller; null for a scenario. */
  readonly stepsBefore: number | null
  readonly steps: number | null
}

/** What became of one hunt. `Bad`: the code with the patch in it does not even run, so nothing was shown. */
export type Verdict =
  | { readonly _tag: "Found"; readonly capture: Capture }
  | { readonly _tag: "Survived"; readonly runs: number }
  | { readonly _tag: "Bad"; readonly why: string }

/** What a hunter tells while it works, and at last. */
export type Told =
  | { readonly _tag: "Progress"; readonly runs: number; readonly stage: string }
  | { readonly _tag: "Over"; readonly verdict: Verdict; readonly seconds: number }
