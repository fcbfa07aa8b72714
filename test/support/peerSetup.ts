import { Duration, Effect, type Exit } from "effect"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import { plainDialect } from "#test/support/plainDialect.ts"
import { recording, transportPair } from "#test/support/transportPair.ts"

export interface Setup extends Partial<Peer.PeerOptions> {
  readonly version?: Peer.PeerDialect["version"]
}

/** A server's peer in the world of the test, and the other end of its wire. */
export const setup = Effect.fnUntraced(function* (options: Setup = {}) {
  const services = yield* Effect.context<never>()
  const ends = transportPair()
  const heard = recording(ends.station)
  let lastId = 0
  const peer = Peer.make({
    dialect: plainDialect(options.version ?? "1.6"),
    side: "csms",
    transport: ends.server,
    nextMessageId: () => `s${++lastId}`,
    handle: () => undefined,
    run: Effect.runForkWith(services),
    callTimeout: Duration.seconds(30),
    ...options
  })
  peer.start()
  const tell = (text: string): void => ends.station.send(text)
  return { peer, heard, tell, ends }
})

/** A station's MeterValues CALL. */
export const meter = (id: string, value: number): string => `[2,"${id}","MeterValues",{"value":${value}}]`
export const reset = { type: "Soft" }
export const failureOf = (exit: Exit.Exit<unknown, CallFailure>): CallFailure | undefined =>
  exit._tag === "Failure"
    ? exit.cause.reasons.flatMap((each) => (each._tag === "Fail" ? [each.error] : []))[0]
    : undefined
