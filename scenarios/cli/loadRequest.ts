import { Result } from "effect"
import { nearest } from "#core/nearest.ts"
import { WrongUse } from "#server/cli/failures.ts"
import type { TrueDialect } from "#simulator/Truth.ts"
import {
  canKeepReadings,
  type DialectMix,
  type LoadPlan,
  mostSessionsPerSecond,
  type Profile,
  profiles
} from "../load/Plan.ts"

/** What the command line of `load` says. */
export interface LoadFlags {
  readonly stations: number
  readonly profile: string
  readonly rate: string | undefined
  readonly duration: string
  readonly ramp: string | undefined
  readonly connect: string | undefined
  readonly charge: string | undefined
  readonly sample: number | undefined
  readonly dialects: string | undefined
  readonly storm: string | undefined
  readonly restartAfter: string | undefined
  readonly target: string | undefined
  readonly card: string | undefined
  readonly prefix: string
  readonly workers: number | undefined
  readonly seed: string
}

/** A load that makes sense. */
export interface LoadRequest {
  readonly plan: LoadPlan
  readonly workers: number
  /** Somebody else's CMS; undefined is our own, started for this. */
  readonly target: string | undefined
  /** When all is restarted (or, where the server is another's, all sockets are dropped), after the load began; ms. */
  readonly restartAfterMs: number | undefined
}

type Or<A> = Result.Result<A, WrongUse>

const wrong = (message: string): Result.Result<never, WrongUse> => Result.fail(new WrongUse({ message }))

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, "": 1_000, m: 60_000, min: 60_000, h: 3_600_000 }
const longestMs = 24 * 3_600_000

/** A time such as 90s, 1.5m, 250ms or 2h; a bare number is seconds. */
export const timeOf = (flag: string, text: string): Or<number> => {
  const found = /^(\d{1,9}(?:\.\d{1,3})?)\s?(ms|s|min|m|h|)$/.exec(text.trim())
  const ms = found === null ? Number.NaN : Number(found[1]) * units[found[2]!]!
  if (ms >= 0 && ms <= longestMs) return Result.succeed(Math.round(ms))
  return wrong(`--${flag} needs a time of at most a day, such as 30s, 5m or 1h, not "${text.slice(0, 40)}".`)
}

const known: ReadonlyArray<TrueDialect> = ["1.6", "2.0.1", "2.1"]

/** Dialects with weights, as in `1.6:70,2.0.1:30`; a dialect without a weight weighs 1. */
export const dialectsOf = (text: string): Or<DialectMix> => {
  const mix: Array<readonly [TrueDialect, number]> = []
  for (const part of text.split(",")) {
    const [name = "", weight = "1", ...more] = part.trim().split(":")
    const dialect = known.find((each) => each === name.replace(/^ocpp/i, ""))
    const number = /^\d{1,6}(\.\d{1,3})?$/.test(weight) ? Number(weight) : Number.NaN
    if (dialect === undefined || more.length > 0 || !(number > 0)) {
      return wrong(
        `--dialects needs dialects with weights, such as 1.6:70,2.0.1:30, not "${text.slice(0, 60)}".\nThere are: ${known.join(", ")}.`
      )
    }
    if (mix.some(([each]) => each === dialect)) return wrong(`--dialects names ${dialect} twice.`)
    mix.push([dialect, number])
  }
  return Result.succeed(mix)
}

const profileOf = (text: string): Or<Profile> => {
  const names = Object.keys(profiles) as ReadonlyArray<Profile>
  const found = names.find((name) => name === text)
  if (found !== undefined) return Result.succeed(found)
  const meant = nearest(text, names)
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`
  return wrong(`There is no profile "${text.slice(0, 60)}".${hint}\nThere are: ${names.join(", ")}.`)
}

const rateOf = (text: string): Or<number> => {
  const rate = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  return rate > 0 && rate <= 100_000
    ? Result.succeed(rate)
    : wrong(`--rate needs arrivals a second, more than 0 and at most 100000, not "${text.slice(0, 40)}".`)
}

const optional = <A>(text: string | undefined, read: (text: string) => Or<A>, otherwise: A): Or<A> =>
  text === undefined ? Result.succeed(otherwise) : read(text)

const perSecond = (rate: number): string => String(Math.floor(rate * 100) / 100)

/** A rate that this fleet can be asked for: each station needs a driver's time between two. */
const fitting = (flags: LoadFlags, profile: Profile, chargeMs: number): Or<number> => {
  if (profile === "idle" || profile === "storm") {
    return flags.rate === undefined
      ? Result.succeed(0)
      : wrong(`--rate is about arrivals, and nobody comes to --profile ${profile}.\nLeave --rate out.`)
  }
  if (profile === "heartbeats") return optional(flags.rate, rateOf, flags.stations / 10)
  const most = mostSessionsPerSecond(flags.stations, chargeMs)
  return Result.flatMap(optional(flags.rate, rateOf, Math.min(100_000, most / 2)), (rate) =>
    rate <= most
      ? Result.succeed(rate)
      : wrong(
          `--rate ${rate} is more than ${flags.stations} stations can begin when each driver charges for ${chargeMs / 1000} s: at most ${perSecond(most)} sessions a second.\nTake --stations ${Math.ceil((rate * flags.stations) / most)} or more, a shorter --charge, or a lower --rate.`
        )
  )
}

const againstEachOther = (flags: LoadFlags, profile: Profile): WrongUse | undefined => {
  const { target, card, workers, stations, charge, sample, ramp } = flags
  if (card !== undefined && target === undefined) {
    return new WrongUse({
      message:
        "--card is for a CMS that we cannot tell of our cards, and this load runs our own.\nAdd --target, or leave --card out."
    })
  }
  if (workers !== undefined && workers > stations) {
    return new WrongUse({ message: `--workers ${workers} is more than there are stations (${stations}).\nTake fewer.` })
  }
  if (profile !== "charging" && (charge !== undefined || sample !== undefined)) {
    const flag = charge === undefined ? "sample" : "charge"
    return new WrongUse({
      message: `--${flag} is about drivers, and nobody charges in --profile ${profile}.\nLeave --${flag} out.`
    })
  }
  if ((profile === "idle" || profile === "storm") && ramp !== undefined) {
    return new WrongUse({
      message: `--ramp is about arrivals, and nobody comes to --profile ${profile}.\nLeave it out; --connect says within which time stations are switched on.`
    })
  }
  return undefined
}

/** Holds flags against each other. `cores` is how many the machine has. */
export const loadRequestOf = (flags: LoadFlags, cores: number): Result.Result<LoadRequest, WrongUse> =>
  Result.gen(function* () {
    const profile = yield* profileOf(flags.profile)
    const isStorm = profile === "storm"
    const opposed = againstEachOther(flags, profile)
    if (opposed !== undefined) return yield* Result.fail(opposed)
    const durationMs = yield* timeOf("duration", flags.duration)
    if (durationMs < 1_000) return yield* wrong("--duration needs at least a second.")
    const chargeMs = yield* optional(flags.charge, (text) => timeOf("charge", text), 20_000)
    if (chargeMs < 1_000)
      return yield* wrong("--charge needs at least a second: a driver has to show a card and to leave.")
    const rampMs = yield* optional(flags.ramp, (text) => timeOf("ramp", text), 0)
    const connectMs = yield* optional(flags.connect, (text) => timeOf("connect", text), isStorm ? 0 : 10_000)
    const defaultStorm = isStorm ? Math.max(1_000, Math.floor(durationMs / 3)) : null
    const stormMs: number | null = yield* optional<number | null>(
      flags.storm,
      (text) => timeOf("storm", text),
      defaultStorm
    )
    const restartAfterMs = yield* optional<number | undefined>(
      flags.restartAfter,
      (text) => timeOf("restart-after", text),
      undefined
    )
    for (const [flag, ms] of [
      ["ramp", rampMs],
      ["storm", stormMs],
      ["restart-after", restartAfterMs]
    ] as const) {
      if (ms != null && ms > durationMs)
        return yield* wrong(`--${flag} is longer than --duration.\nMake it shorter, or the load longer.`)
    }
    if (stormMs !== null && stormMs < 1_000) return yield* wrong("--storm needs at least a second between two storms.")
    const rate = yield* fitting(flags, profile, chargeMs)
    const dialects = yield* optional<DialectMix | null>(flags.dialects, dialectsOf, null)
    const plan = {
      seed: flags.seed,
      profile,
      stations: flags.stations,
      prefix: flags.prefix,
      dialects,
      rate,
      durationMs,
      rampMs,
      connectMs,
      chargeMs: profile === "charging" ? chargeMs : 0,
      sampleS: flags.sample ?? 5,
      stormMs,
      card: flags.card ?? null,
      passwords: flags.target === undefined,
      maxQueue: 8
    }
    return {
      plan: { ...plan, keepsReadings: canKeepReadings(plan) },
      workers: flags.workers ?? Math.max(1, Math.min(cores, Math.ceil(flags.stations / 5_000), 4)),
      target: flags.target,
      restartAfterMs
    }
  })
