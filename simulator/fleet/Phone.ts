import type { PresentedToken } from "#core/token/Token.ts"
import type { TrueLimit } from "../oracles/wishes.ts"

/** A driver's phone. What it asks for goes to the CMS by whatever way the scenario has. */
export interface App {
  readonly start: (
    order: {
      readonly stationId: string
      readonly evseId: number
      readonly token: PresentedToken
      /** What the charge is to stop at. */
      readonly limit?: TrueLimit
    },
    answer: (accepted: boolean) => void
  ) => void
  readonly stop: (
    order: {
      readonly stationId: string
      readonly evseId: number
      readonly token: PresentedToken
      /** Null while the station has not learnt it. */
      readonly ocppTransactionId: string | null
    },
    answer: (accepted: boolean) => void
  ) => void
}

/** The page behind the QR code on a station: no contract, a token made for this one charge. */
export interface AdHoc {
  readonly start: (
    order: { readonly stationId: string; readonly evseId: number },
    /** The token exists, and nothing was asked of the station yet. */
    made: (token: PresentedToken) => void,
    answer: (accepted: boolean) => void
  ) => void
}

/** One way of a person to pay. An account with a balance would be one more. */
export type Means =
  | { readonly way: "card" | "app"; readonly token: PresentedToken }
  /** By the code on the station; the token is made when it is asked for. */
  | { readonly way: "qr" }
