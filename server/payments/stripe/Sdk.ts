import { Effect, Exit } from "effect"
import Stripe from "stripe"
import { ForeignWork } from "#core/ForeignWork.ts"
import type { Exchange, ExchangeFailed, ExchangeRequest, ExchangeResponse } from "./exchange.ts"

/** The version of the API that this program was written against; a later SDK does not move it silently. */
export const apiVersion = "2026-10-28.endive"

export interface SdkOptions {
  readonly secretKey: string
  /** `https://api.stripe.com` unless told. */
  readonly apiBase: string
  readonly exchange: Exchange
}

/** Where a call of the SDK has come to: it wants a request carried, or it is done. */
type Turn<A> =
  | {
      readonly _tag: "Request"
      readonly request: ExchangeRequest
      readonly answer: (exit: Exit.Exit<ExchangeResponse, ExchangeFailed>) => void
    }
  | { readonly _tag: "Settled"; readonly result: { readonly value: A } | { readonly error: unknown } }

/**
 * What the SDK takes for its network. Those that it ships arm a timer of the machine's for each request, which virtual time does
 * not move, and which keeps a process alive whose server died over the request.
 */
class Carrier extends Stripe.HttpClient {
  private readonly carry: (request: ExchangeRequest) => Promise<ExchangeResponse>

  constructor(carry: Carrier["carry"]) {
    super()
    this.carry = carry
  }

  override getClientName(): string {
    return "fetch"
  }

  override makeRequest(
    ...[host, port, path, method, headers, body, protocol]: Parameters<Stripe.HttpClient["makeRequest"]>
  ) {
    const url = new URL(path, `${protocol}://${host}:${port}`).href
    return this.carry({ method, url, headers: lowerCased(headers), body: body ?? "" }).then((it) => new Carried(it))
  }
}

/** An answer in the form in which the SDK reads it. */
class Carried extends Stripe.HttpClientResponse {
  private readonly response: ExchangeResponse

  constructor(response: ExchangeResponse) {
    super(response.status, lowerCased(response.headers))
    this.response = response
  }

  override getRawResponse(): ExchangeResponse {
    return this.response
  }

  /** What is no JSON is the SDK's to complain of. */
  override async toJSON(): Promise<unknown> {
    return this._parseResponseBody(this.response.body)
  }
}

const lowerCased = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))

/** One client of the SDK for one call at a time: whatever it asks of the network belongs to that call. */
class Lane {
  readonly stripe: Stripe
  private onRequest: (turn: Turn<never>) => void = () => {}

  constructor({ secretKey, apiBase }: SdkOptions) {
    const { protocol, hostname, port } = new URL(apiBase)
    this.stripe = new Stripe(secretKey, {
      apiVersion,
      host: hostname,
      port: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port),
      protocol: protocol === "http:" ? "http" : "https",
      maxNetworkRetries: 0,
      telemetry: false,
      httpClient: new Carrier((request) => this.carry(request))
    })
  }

  /** Hands a request of the SDK to whoever runs the call, and waits. */
  private carry(request: ExchangeRequest): Promise<ExchangeResponse> {
    return new Promise((resolve, reject) =>
      this.onRequest({
        _tag: "Request",
        request,
        answer: Exit.match({
          onSuccess: resolve,
          onFailure: (cause) => reject(new Error("the exchange failed", { cause }))
        })
      })
    )
  }

  /** Runs `step`, which makes the SDK work, until it wants something or is done. The SDK's own work takes no time. */
  turn<A>(step: (settle: (turn: Turn<A>) => void) => void): Effect.Effect<Turn<A>> {
    return Effect.flatMap(ForeignWork, (hold) =>
      hold(
        Effect.callback<Turn<A>>((resume) => {
          const settle = (turn: Turn<A>) => resume(Effect.succeed(turn))
          this.onRequest = settle
          step(settle)
        })
      )
    )
  }
}

/** A failure of the SDK: what it threw, and what the exchange said where that was why. */
export interface SdkFailure {
  readonly _tag: "SdkFailure"
  readonly error: unknown
}

/** Runs calls of the SDK whose network is an {@link Exchange}. */
export interface Sdk {
  readonly call: <A>(invoke: (stripe: Stripe) => Promise<A>) => Effect.Effect<A, SdkFailure>
}

export const makeSdk = (options: SdkOptions): Sdk => {
  const idle: Array<Lane> = []

  const call = <A>(invoke: (stripe: Stripe) => Promise<A>): Effect.Effect<A, SdkFailure> =>
    Effect.gen(function* () {
      const lane = idle.pop() ?? new Lane(options)
      let settled: (turn: Turn<A>) => void = () => {}
      let turn = yield* lane.turn<A>((settle) => {
        settled = settle
        invoke(lane.stripe).then(
          (value) => settled({ _tag: "Settled", result: { value } }),
          (error: unknown) => settled({ _tag: "Settled", result: { error } })
        )
      })
      while (turn._tag === "Request") {
        const { answer, request } = turn
        // Whoever loses patience leaves a call behind that must end too, or it would keep its timers.
        const exit = yield* Effect.exit(options.exchange(request)).pipe(
          Effect.onInterrupt(() => Effect.sync(() => answer(Exit.interrupt())))
        )
        turn = yield* lane.turn<A>((settle) => {
          settled = settle
          answer(exit)
        })
      }
      idle.push(lane)
      if ("value" in turn.result) return turn.result.value
      return yield* Effect.fail<SdkFailure>({ _tag: "SdkFailure", error: turn.result.error })
    })

  return { call }
}
