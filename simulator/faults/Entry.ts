import { Effect, Result, Schema } from "effect"
import type { Stream } from "../Stream.ts"
import type { Fault, Parameters, Target } from "./Fault.ts"

/** What a fault is a fault of. */
export type Family = "network" | "station" | "message" | "clock" | "meter" | "payment"

/** Where it can be had: in virtual time, and over real sockets (our own CMS or another's). */
export type FaultWorld = "virtual" | "live"

/** A fault as the catalogue has it; `T` is what it acts on. */
export interface Entry<P extends Parameters = Parameters, T = Target> {
  /** As it is called on the command line and in stories. */
  readonly name: string
  /** Which real device or system does this. */
  readonly about: string
  /** What a CMS owes us while it is on and after it. */
  readonly owes: string
  readonly family: Family
  readonly worlds: ReadonlyArray<FaultWorld>
  /** It is what it is only where it strikes many stations at one instant; see `Plan.together`. */
  readonly together: boolean
  /** Each parameter has a default, so that nothing at all is a fault too. */
  readonly parameters: Schema.Codec<P, unknown>
  /** Parameters by chance, within what real devices show. */
  readonly draw: (stream: Stream) => P
  /** The fault itself; what is not given has its default. Parameters that break the schema are a bug of the caller. */
  make(parameters?: Partial<P>): Fault<T>
  /** Parameters from outside, or why they will not do. */
  read(given: unknown): Result.Result<P, string>
}

type Fields = Record<string, Schema.Codec<number | boolean | string, unknown>>
type TypeOf<F extends Fields> = { readonly [K in keyof F]: F[K]["Type"] }

interface Spec<F extends Fields, T> {
  readonly name: string
  readonly about: string
  readonly owes: string
  readonly family: Family
  /** Both when not given. */
  readonly worlds?: ReadonlyArray<FaultWorld>
  readonly together?: boolean
  readonly fields: F
  readonly draw: (stream: Stream) => TypeOf<F>
  /** The name in words, where parameters change it. */
  readonly words?: (parameters: TypeOf<F>) => string
  readonly strike: (target: T, parameters: TypeOf<F>, stream: Stream) => () => void
}

const everywhere: ReadonlyArray<FaultWorld> = Object.freeze(["virtual", "live"])

/** Makes an entry of what is particular to it. */
export const define = <F extends Fields, T = Target>(spec: Spec<F, T>): Entry<TypeOf<F>, T> => {
  type P = TypeOf<F>
  const parameters = Schema.Struct(spec.fields) as unknown as Schema.Codec<P, unknown>
  const decode = Schema.decodeUnknownResult(parameters, { onExcessProperty: "error" })
  const read = (given: unknown): Result.Result<P, string> => {
    // A struct without fields takes any object.
    const excess = Object.keys(Object(given)).find((key) => !Object.hasOwn(spec.fields, key))
    if (excess !== undefined) return Result.fail(`there is no parameter ${excess}`)
    return Result.mapError(decode(given), (error) => error.message)
  }
  return {
    name: spec.name,
    about: spec.about,
    owes: spec.owes,
    family: spec.family,
    worlds: spec.worlds ?? everywhere,
    together: spec.together ?? false,
    parameters,
    draw: spec.draw,
    read,
    make: (given = {}) => {
      const chosen = Result.getOrThrowWith(read(given), (why) => new Error(`${spec.name}: ${why}`))
      return {
        name: spec.words?.(chosen) ?? spec.name.replaceAll("-", " "),
        parameters: chosen as Parameters,
        strike: (target, stream) => spec.strike(target, chosen, stream)
      }
    }
  }
}

const between = (minimum: number, maximum: number) => Schema.isBetween({ minimum, maximum })

/** A probability. */
export const ratio = (standard: number) =>
  Schema.Finite.check(between(0, 1)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(standard)))

/** A whole number in a range. */
export const whole = (standard: number, minimum: number, maximum: number) =>
  Schema.Int.check(between(minimum, maximum)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(standard)))

/** Milliseconds, a day at most. */
export const millis = (standard: number) => whole(standard, 0, 86_400_000)

/** Yes or no. */
export const flag = (standard: boolean) => Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(standard)))

/** One of a few words. */
export const oneOf = <const W extends string>(words: ReadonlyArray<W>, standard: W): Schema.Codec<W, unknown> =>
  Schema.Literals(words).pipe(Schema.withDecodingDefaultKey(Effect.succeed(standard))) as Schema.Codec<W, unknown>
