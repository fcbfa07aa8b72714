import type { Candidate, CompiledTariff } from "../compile.ts"
import { localDay } from "../Zone.ts"
import { type Axes, axesOf, boxOf, describe } from "./axes.ts"
import { type Finding, finding } from "./Finding.ts"
import { type Box, type Budget, clip, intersect, isEmpty, isWithin, merge, type Region, subtract } from "./region.ts"
import { type Claim, type Priced, pointIn, type Scope, shows, type Witness, witnessAt } from "./witness.ts"

/** A dimension in a scope: who is asked for its price, in which order, and where each of them holds. */
interface Field {
  readonly scope: Scope
  readonly dimension: Priced
  readonly candidates: ReadonlyArray<Candidate>
  readonly axes: Axes
  readonly everywhere: Box
  readonly boxes: ReadonlyArray<Box>
}

const scopes: ReadonlyArray<readonly [Scope, ReadonlyArray<Priced>]> = [
  ["session", ["ENERGY", "TIME", "PARKING_TIME", "FLAT"]],
  ["reserved", ["TIME", "FLAT"]],
  ["expired", ["TIME", "FLAT"]]
]

const candidatesOf = (compiled: CompiledTariff, scope: Scope, dimension: Priced): ReadonlyArray<Candidate> =>
  compiled[scope][dimension]

/**
 * Where prices are missing, never reached, or decided by order alone: for each dimension the set of all moments is
 * handed to the elements in the order in which they are asked, and what is left over is a gap.
 */
export const coverage = (compiled: CompiledTariff, budget: Budget): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const never: Array<Finding> = []
  for (const [scope, dimensions] of scopes) {
    for (const dimension of dimensions) {
      const candidates = candidatesOf(compiled, scope, dimension)
      if (candidates.length === 0) {
        if (scope === "session" && dimension !== "FLAT") never.push(neverPriced(compiled, dimension))
        continue
      }
      const field = fieldOf(scope, dimension, candidates)
      const { gaps, owned } = handOut(field, budget)
      if (dimension !== "FLAT") findings.push(...gapsOf(compiled, field, gaps, budget))
      findings.push(...unreachable(compiled, field, owned))
      if (dimension !== "FLAT") findings.push(...overlaps(compiled, field, owned, budget))
    }
  }
  return [...findings, ...never]
}

const fieldOf = (scope: Scope, dimension: Priced, candidates: ReadonlyArray<Candidate>): Field => {
  const axes = axesOf(candidates.map((it) => it.restrictions))
  // Reserved time comes before any energy.
  const everywhere =
    scope === "session" ? axes.everywhere : axes.everywhere.map((bits, axis) => (axis === 2 ? 1n : bits))
  const boxes = candidates.map((it) => intersect(everywhere, boxOf(it.restrictions, axes)))
  return { scope, dimension, candidates, axes, everywhere, boxes }
}

const handOut = (field: Field, budget: Budget): { readonly gaps: Region; readonly owned: ReadonlyArray<Region> } => {
  let rest: Region = [field.everywhere]
  const owned = field.boxes.map((box) => {
    const mine = clip(rest, box, budget)
    rest = subtract(rest, box, budget)
    return mine
  })
  return { gaps: rest, owned }
}

/** What the rating calls it. */
const lineDimension = (scope: Scope, dimension: Priced) =>
  scope !== "session" && dimension === "TIME" ? "RESERVATION_TIME" : dimension

const nouns: Readonly<Record<Priced, string>> = {
  ENERGY: "Energy",
  TIME: "Charging time",
  PARKING_TIME: "Parking time",
  FLAT: "The fee"
}

const subject = (scope: Scope, dimension: Priced): string => {
  if (scope === "session") return nouns[dimension]
  const which = scope === "expired" ? "a reservation that expires" : "a reservation"
  return dimension === "TIME" ? `The time of ${which}` : `The fee of ${which}`
}

const pointerOf = (candidate: Candidate): string =>
  `/elements/${candidate.element}/price_components/${candidate.component}`

/** The first day on which the tariff holds: a witness lies there or later. */
const firstDay = ({ tariff, zone }: CompiledTariff): number | undefined =>
  tariff.startAtMs === null ? undefined : localDay(tariff.startAtMs + zone.offsetMsAt(tariff.startAtMs)) + 1

const evidenceAt = (compiled: CompiledTariff, field: Field, box: Box, claim: Claim) => {
  const witness = witnessIn(compiled, field, box)
  return witness !== undefined && shows(compiled, witness, claim) ? { witness, claim } : null
}

const witnessIn = (compiled: CompiledTariff, field: Field, box: Box): Witness | undefined => {
  const point = pointIn(box, field.axes, firstDay(compiled))
  return (
    witnessAt(point, field.scope, field.dimension, compiled.zone) ??
    witnessAt({ ...point, day: point.day + 7 }, field.scope, field.dimension, compiled.zone)
  )
}

const neverPriced = (compiled: CompiledTariff, dimension: Priced): Finding => {
  const field = fieldOf("session", dimension, [])
  const claim: Claim = { kind: "unpriced", dimension: lineDimension("session", dimension) }
  return finding("gap", "info", "never_priced", "/elements", `${nouns[dimension]} has no price in this tariff.`, {
    evidence: evidenceAt(compiled, field, field.everywhere, claim),
    where: { dimension, when: "always" }
  })
}

/** Gaps told one by one; of more than this there is something else wrong. */
const maxTold = 20

const gapsOf = (compiled: CompiledTariff, field: Field, region: Region, budget: Budget): ReadonlyArray<Finding> => {
  const { scope, dimension } = field
  // A reservation that expires falls back to the prices of a reservation: its gaps are theirs.
  if (scope === "expired") return []
  const claim: Claim = { kind: "unpriced", dimension: lineDimension(scope, dimension) }
  const gaps = merge(region, budget)
  return gaps.slice(0, maxTold).map((box) => {
    const when = describe(box, field.axes)
    const message = `${subject(scope, dimension)} has no price ${when}: it is given away then. If that is meant, say so with a price of 0.`
    return finding("gap", "warning", "gap", "/elements", message, {
      evidence: evidenceAt(compiled, field, box, claim),
      where: { dimension: lineDimension(scope, dimension), when }
    })
  })
}

const unreachable = (compiled: CompiledTariff, field: Field, owned: ReadonlyArray<Region>): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  for (let index = 0; index < field.candidates.length; index++) {
    const candidate = field.candidates[index]!
    const box = field.boxes[index]!
    if (owned[index]!.length > 0 || isEmpty(box) || isOfOtherScope(compiled, field, candidate)) continue
    const earlier = field.boxes
      .slice(0, index)
      .flatMap((other, at) => (isEmpty(intersect(other, box)) ? [] : `element ${field.candidates[at]!.element}`))
    const message =
      `${subject(field.scope, field.dimension)} is never charged by element ${candidate.element}: ` +
      `wherever it holds, ${earlier.join(", ")} ${earlier.length === 1 ? "comes" : "come"} first. ` +
      `Put the element with the narrower restrictions before.`
    findings.push(
      finding("unreachable", "error", "unreachable_element", pointerOf(candidate), message, {
        evidence: evidenceAt(compiled, field, box, {
          kind: "idle",
          element: candidate.element,
          component: candidate.component
        })
      })
    )
  }
  return findings
}

/** Prices of a reservation stand behind those of its expiry too; whether they are reached is told in their own scope. */
const isOfOtherScope = (compiled: CompiledTariff, { scope }: Field, { element }: Candidate): boolean =>
  scope === "expired" && compiled.tariff.elements[element]!.restrictions?.reservation !== "RESERVATION_EXPIRES"

/**
 * Two elements that both hold somewhere, and each alone elsewhere, at different prices: only their order says which one
 * is charged. An element inside a wider one is a price and its exception, which is how tariffs are written.
 */
const overlaps = (
  compiled: CompiledTariff,
  field: Field,
  owned: ReadonlyArray<Region>,
  budget: Budget
): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const { boxes, candidates, scope, dimension, axes } = field
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length && findings.length < maxTold && budget.left >= 0; j++) {
      budget.left -= 1
      const [first, second] = [candidates[i]!, candidates[j]!]
      const both = intersect(boxes[i]!, boxes[j]!)
      if (isEmpty(both) || isWithin(boxes[i]!, boxes[j]!) || isWithin(boxes[j]!, boxes[i]!)) continue
      if (isSamePrice(first, second) || owned[j]!.length === 0 || isOfOtherScope(compiled, field, second)) continue
      const mine = clip(owned[i]!, both, budget)[0]
      if (mine === undefined) continue
      const when = describe(both, axes)
      const message =
        `${subject(scope, dimension)} has two prices ${when}: elements ${first.element} and ${second.element} both hold, ` +
        `and element ${first.element} is charged because it stands first.`
      const claim: Claim = {
        kind: "priced_by",
        dimension: lineDimension(scope, dimension),
        element: first.element,
        component: first.component
      }
      findings.push(
        finding("overlap", "info", "overlap", pointerOf(second), message, {
          evidence: evidenceAt(compiled, field, mine, claim),
          where: { dimension: lineDimension(scope, dimension), when }
        })
      )
    }
  }
  return findings
}

const isSamePrice = (a: Candidate, b: Candidate): boolean =>
  a.price.priceMicros === b.price.priceMicros &&
  a.price.vatPpm === b.price.vatPpm &&
  a.price.stepSize === b.price.stepSize
