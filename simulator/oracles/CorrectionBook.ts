import type { TrueSession } from "../Truth.ts"
import type { OcpiTariff } from "./SlowRater.ts"

/** A bill that an operator had made anew, by his own account of what he asked for. */
export interface TrueCorrection {
  /** What the CMS was told to call it. */
  readonly requestId: string
  /** The CMS's name of the charge. */
  readonly transactionId: string
  /** What the charge is to be priced by; null: nothing is owed for it. */
  readonly tariff: OcpiTariff | null
  readonly askedAtMs: number
  /** When he was told that it is done; null while he was not. */
  doneAtMs: number | null
  /** Why it could not be done, in the CMS's words; null where it said no such thing. */
  refused: string | null
  /** What he was told when he asked for the same again, where that was something else. */
  toldOtherwise: string | null
}

/** A charge as an operator sees it in the books. */
export interface CorrectedCharge {
  readonly stationId: string
  /** On the wire. */
  readonly ocppId: string
  readonly evseId: number | null
  readonly startedAtMs: number | null
}

/** What operators have decided about bills: what is owed for a session is what the last of them says. */
export class CorrectionBook {
  private readonly byCharge = new Map<string, Array<TrueCorrection>>()
  private readonly asked: Array<TrueCorrection> = []

  /** It is asked for now; until there is an answer it may have been done or not. */
  ask({ stationId, ocppId, evseId, startedAtMs }: CorrectedCharge, correction: TrueCorrection): void {
    const wireKey = `${stationId}|${ocppId}`
    const own = this.byCharge.get(wireKey) ?? []
    own.push(correction)
    this.byCharge.set(wireKey, own)
    if (evseId !== null && startedAtMs !== null) this.byCharge.set(`${stationId}|${evseId}|${startedAtMs}`, own)
    this.asked.push(correction)
  }

  /** Every one, in the order asked for. */
  get all(): ReadonlyArray<TrueCorrection> {
    return this.asked
  }

  /** The one that stands for a session; undefined where nobody corrected it. */
  latestOf(session: TrueSession): TrueCorrection | undefined {
    return this.of(session).findLast(({ refused }) => refused === null)
  }

  private of({ stationId, ocppTransactionId, evseId, startedAtMs }: TrueSession): ReadonlyArray<TrueCorrection> {
    const named = ocppTransactionId === null ? undefined : this.byCharge.get(`${stationId}|${ocppTransactionId}`)
    return named ?? this.byCharge.get(`${stationId}|${evseId}|${startedAtMs}`) ?? []
  }
}
