import { Effect } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import type { App } from "#simulator/fleet/Phone.ts"

/** A client of the server's API, as anybody could have one. */
export const makeClient = (url: string, token: string) =>
  HttpApiClient.make(Api, {
    baseUrl: url,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(token))
  }).pipe(Effect.provide(FetchHttpClient.layer))

export type Client = Effect.Success<ReturnType<typeof makeClient>>

/** Seconds a driver looks at the phone. */
const patienceSeconds = 45

/** The drivers' phones: an app whose back end asks the CMS by its API, and the CMS the station. */
export const phoneOf = (client: Client, run: (effect: Effect.Effect<void>) => void): App => {
  const ask = (stationId: string, payload: Parameters<Client["operations"]["run"]>[0]["payload"]) =>
    Effect.map(
      client.operations.run({ params: { stationId }, query: { wait: patienceSeconds }, payload }),
      ({ outcome }) => outcome?.type === "Answered" && outcome.accepted
    )
  // A phone that could not reach the server says so, as one whose request was refused does.
  const tell = <E>(asked: Effect.Effect<boolean, E>, answer: (accepted: boolean) => void): void =>
    run(
      Effect.map(
        Effect.orElseSucceed(asked, () => false),
        answer
      )
    )
  return {
    start: ({ stationId, evseId, token }, answer) =>
      tell(ask(stationId, { type: "Start", evseId, tokenUid: token.uid }), answer),
    stop: ({ stationId, ocppTransactionId }, answer) =>
      tell(
        Effect.gen(function* () {
          const { items } = yield* client.transactions.list({ query: { stationId, status: "Open" } })
          const found = items.find(({ ocppId }) => ocppId === ocppTransactionId)
          return found === undefined ? false : yield* ask(stationId, { type: "Stop", transactionId: found.id })
        }),
        answer
      )
  }
}
