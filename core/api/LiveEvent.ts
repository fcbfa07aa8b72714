import type { ConnectorStatus } from "../station/Station.ts"
import type { FindingCode } from "../transaction/measure.ts"

/** What happens on stations, told while it happens: for screens and integrations, never for the books. */
export type LiveEvent = { readonly stationId: string; readonly atMs: number } & (
  | {
      readonly _tag: "StationConnected"
      readonly dialect: "1.6" | "2.0.1" | "2.1"
      readonly remoteAddress: string
    }
  | { readonly _tag: "StationDisconnected" }
  | { readonly _tag: "StationBooted"; readonly vendor: string; readonly model: string; readonly reason: string | null }
  | {
      readonly _tag: "ConnectorStatus"
      readonly evseId: number
      readonly connectorId: number
      readonly status: ConnectorStatus
      readonly errorCode: string | null
    }
  | {
      readonly _tag: "TransactionStarted"
      readonly transactionId: string
      readonly evseId: number
      readonly connectorId: number
      readonly tokenUid: string | null
    }
  | {
      readonly _tag: "MeterReading"
      readonly transactionId: string
      readonly evseId: number
      /** Since the transaction's begin. */
      readonly energyWh: number | null
      readonly powerW: number | null
    }
  | {
      readonly _tag: "TransactionEnded"
      readonly transactionId: string
      readonly evseId: number
      readonly reason: string | null
    }
  | {
      readonly _tag: "CdrIssued"
      readonly cdrId: string
      readonly transactionId: string
      readonly energyWh: number
      readonly amountMinor: bigint
      readonly currency: string
    }
  | { readonly _tag: "OperationDone"; readonly operationId: string; readonly outcome: string }
  | {
      readonly _tag: "FindingRaised"
      readonly transactionId: string
      readonly code: FindingCode
      readonly text: string
    }
)

export type LiveEventKind = LiveEvent["_tag"]
