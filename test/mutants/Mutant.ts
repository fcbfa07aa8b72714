import { readFileSync } from "node:fs"

/** What a defect spoils: the groups of the score. */
export type Area =
  | "authorization"
  | "transactions 1.6"
  | "transactions 2.x"
  | "metering"
  | "rating"
  | "billing and ledger"
  | "recovery"
  | "connection"
  | "protocol"
  | "status"
  | "operations"
  | "directory"
  | "wallets"
  | "displays"
  | "assignment"
  | "payments"
  | "corrections"
  | "arrears"
  | "subscriptions"

/** A defect that somebody could have made in the CMS, as a change of one place of its source. */
export interface Mutant {
  /** Unique; what `--only` asks for. */
  readonly id: string
  readonly area: Area
  /** What somebody who had it would say, and where it was seen or why it is plausible. One or two sentences. */
  readonly why: string
  /** From the repository's root; in `core/` or `server/`. */
  readonly file: string
  /** Occurs in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** Where it has to be hunted: "postgres" for what only that store runs. Default memory. */
  readonly store?: "memory" | "postgres"
  /** Why nothing finds it, and why that is right: only for one that is known to survive. */
  readonly explained?: string
}

/** The repository's root. */
export const root = new URL("../../", import.meta.url)

/** The mutant's file as it is. */
export const sourceOf = ({ file }: Mutant): string => readFileSync(new URL(file, root), "utf8")

/** What is wrong with the patch itself; null when it applies. */
export const flawOf = (mutant: Mutant): string | null => {
  const { file, find, replace } = mutant
  if (!/^(core|server)\//.test(file)) return `${file} is no part of the CMS`
  const times = sourceOf(mutant).split(find).length - 1
  if (times !== 1) return `the text to be replaced occurs ${times} times in ${file}`
  return find === replace ? "it changes nothing" : null
}

/** The mutant's file with the defect in it. */
export const planted = (mutant: Mutant): string => {
  const flaw = flawOf(mutant)
  if (flaw !== null) throw new Error(`${mutant.id}: ${flaw}`)
  return sourceOf(mutant).replace(mutant.find, () => mutant.replace)
}
