import type { TrueSession, Truth } from "../Truth.ts"
import type { CorrectionBook } from "./CorrectionBook.ts"
import type { Course } from "./Course.ts"
import type { DisplayRecord } from "./displays.ts"
import type { BookedConnector, Evidence } from "./Evidence.ts"
import type { DeskRecord } from "./operations.ts"
import type { PspRecord } from "./payments.ts"
import type { PrepaidRecord } from "./prepaid.ts"
import type { OcpiTariff } from "./SlowRater.ts"
import type { Suspension } from "./subscribed/debts.ts"
import type { SubscribersRecord } from "./subscribed/record.ts"
import type { WireRecord } from "./Wire.ts"
import type { WishRecord } from "./wishes.ts"

export type Verdict = "PASS" | "FAIL" | "NOT VERIFIABLE"

/** Where the stations of every run stand: the IANA zone by whose clock their prices are. */
export const siteZone = "Europe/Berlin"

/** One thing that is not as it must be. */
export interface Failure {
  readonly stationId: string | null
  /** The simulator's own name of the session. */
  readonly sessionId: string | null
  /** The CMS's name of the transaction. */
  readonly transactionId: string | null
  readonly expected: string
  readonly found: string
  /** One sentence that says what is wrong. */
  readonly sentence: string
}

/** What an oracle says. */
export interface Outcome {
  readonly verdict: Verdict
  /** How many things were compared. */
  readonly checked: number
  /** The first of the failures, `failureLimit` at most. */
  readonly failures: ReadonlyArray<Failure>
  /** How many there are in all. */
  readonly failed: number
  /** What a verdict alone does not say: what could not be seen and why, which bound held and how nearly. */
  readonly notes: ReadonlyArray<string>
}

/** A token as the world knows it, whatever the CMS makes of it. */
export interface TrueToken {
  /** Canonical upper case. */
  readonly uid: string
  readonly groupId: string | null
  readonly expiresAtMs: number | null
  readonly blockedAtMs: number | null
  readonly concurrencyLimit: number | null
  readonly allowedStations: ReadonlyArray<string> | null
  /** The driver it was registered for, null for nobody; undefined when the world does not know. */
  readonly driverId?: string | null
  /** The roaming partner who issued it; ours when not told. */
  readonly partnerId?: string | null
  /** When its driver may start nothing, for what he owes; absent: never. */
  readonly suspensions?: ReadonlyArray<Suspension>
}

/** What a connector truly is, in the words of its station's dialect. */
export interface TrueConnector {
  readonly stationId: string
  readonly evseId: number
  readonly connectorId: number
  readonly status: string
}

/** The street in the midst of a run, with cars in it: what stations told last and had answered, and what is shown. */
export interface Look {
  readonly told: ReadonlyArray<TrueConnector>
  readonly shown: ReadonlyArray<BookedConnector>
}

/** What is known beside truth and evidence. */
export interface Context {
  /** When the evidence was taken: all faults healed, everybody gone home, and time given to settle. */
  readonly atMs: number
  /** The tokens the CMS was told of; one that is not here is unknown. */
  readonly tokens: ReadonlyMap<string, TrueToken>
  /** Whether it was told of them at all: a CMS of somebody else's may know other cards, or none. */
  readonly isRegistered: boolean
  /** The versions of a station's tariff, or of a session's there; which one holds is decided by the start of the session. */
  readonly tariffsOf: (stationId: string, session?: TrueSession) => ReadonlyArray<OcpiTariff>
  /**
   * Whether a session began so soon after a change of prices that one node need not have known what another did, or by a wrong
   * clock so near to one that a CMS may take it to have been on either side; absent: none did.
   */
  readonly isPriceTurning?: (session: TrueSession) => boolean
  /** By whose wall clock a station charges; that of the one site of a run when not told. */
  readonly timeZoneOf?: (stationId: string) => string
  /** Connectors of the stations that are in touch; null where the stations cannot be asked. */
  readonly connectors: ReadonlyArray<TrueConnector> | null
  /** Absent where nobody looked before everybody had gone home. */
  readonly look?: Look
  readonly wire: WireRecord
  /** What was asked through the CMS; absent where nobody wrote it down. */
  readonly desk?: DeskRecord
  /** What the payment service provider knows; absent where nothing is paid through one. */
  readonly psp?: PspRecord
  /** Money paid ahead and budgets of cards; absent where there are none. */
  readonly prepaid?: PrepaidRecord
  /** What drivers wanted their charges to stop at; absent where nobody was asked. */
  readonly wishes?: WishRecord
  /** What is promised about displays; absent where nobody looks at them. */
  readonly displays?: DisplayRecord
  /** What people subscribed to and paid for it; absent where nobody did. */
  readonly subscribers?: SubscribersRecord
  /** What operators decided about bills; absent where nobody corrects any. */
  readonly corrections?: CorrectionBook
  /** What was followed while the run lasted; null where only its end was looked at. */
  readonly course: Course | null
}

/** Something that must hold of every run. */
export interface Oracle {
  readonly name: string
  readonly title: string
  /** What could be wrong and it would not see: for whoever reads its verdict. */
  readonly misses: string
  readonly checks: (truth: Truth, evidence: Evidence, context: Context) => Outcome
}

/** An oracle's result as a run reports it. */
export interface OracleResult extends Outcome {
  readonly name: string
  readonly title: string
}

/** Failures kept per oracle. */
export const failureLimit = 50

const billsUnseen = "the transactions and bills of this CMS cannot be seen"
const nothingToCheck = "the run had nothing in it that this oracle could check"

/** Gathers what an oracle finds. */
export class Findings {
  private readonly kept: Array<Failure> = []
  private readonly notes = new Set<string>()
  private failed = 0
  private checked = 0
  private isBlind = false

  /** One more thing is being compared. */
  check(count = 1): void {
    this.checked += count
  }

  fail(failure: Failure): void {
    this.failed++
    if (this.kept.length < failureLimit) this.kept.push(failure)
  }

  /** Part of what must be compared cannot be seen, and why. */
  blind(why: string = billsUnseen): void {
    this.isBlind = true
    this.notes.add(why)
  }

  /** Something worth saying beside the verdict. */
  note(text: string): void {
    this.notes.add(text)
  }

  /**
   * A failure that was seen counts, whatever else could not be. Who compared nothing has nothing to say: an oracle
   * passes only what it looked at.
   */
  outcome(): Outcome {
    const { checked, failed, kept } = this
    const sawNothing = checked === 0 && failed === 0
    if (sawNothing && !this.isBlind) this.notes.add(nothingToCheck)
    const verdict = failed > 0 ? "FAIL" : this.isBlind || sawNothing ? "NOT VERIFIABLE" : "PASS"
    return { verdict, checked, failures: kept, failed, notes: [...this.notes] }
  }
}

/**
 * Two findings about the same thing as one: those of the run's course and those at its end. Where one of them compared
 * nothing because there was nothing, the other speaks.
 */
export const merge = (one: Outcome, other: Outcome): Outcome => {
  const sayers = [one, other].filter(({ notes }) => !notes.includes(nothingToCheck))
  const verdicts = (sayers.length === 0 ? [one] : sayers).map(({ verdict }) => verdict)
  const notes = (sayers.length === 0 ? [one] : sayers).flatMap((outcome) => outcome.notes)
  return {
    verdict: verdicts.includes("FAIL") ? "FAIL" : verdicts.includes("NOT VERIFIABLE") ? "NOT VERIFIABLE" : "PASS",
    checked: one.checked + other.checked,
    failures: [...one.failures, ...other.failures].slice(0, failureLimit),
    failed: one.failed + other.failed,
    notes: [...new Set(notes)]
  }
}
