import type { Any, Violation } from "../Action.ts"
import { type Part, type Repair, relax, type Strictness } from "../lenient.ts"

export interface Verdict {
  /** The rule that decided: the first one broken, or the one that could not be forgiven. */
  readonly violation: Violation
  readonly forgiven: boolean
  /** What leniency had to change, empty when nothing was forgiven. */
  readonly repairs: ReadonlyArray<Repair>
  /** The payload to go on with when forgiven. */
  readonly value: unknown
}

/** What becomes of a payload that breaks its schema: refused, or repaired where its sender is forgiven. */
export const judge = (
  strictness: Strictness,
  action: Any,
  payload: unknown,
  part: Part,
  violation: Violation
): Verdict => {
  if (strictness === "strict") return { violation, forgiven: false, repairs: [], value: undefined }
  const relaxed = relax(action, payload, part)
  return relaxed._tag === "Repaired"
    ? { violation, forgiven: true, repairs: relaxed.repairs, value: relaxed.payload }
    : { violation: relaxed.violation, forgiven: false, repairs: [], value: undefined }
}
