import type { Acknowledgement, TrueSession, Truth } from "../Truth.ts"
import type { Commit, CommittedTransaction } from "./Commit.ts"
import type { BookedCdr, BookedEntry } from "./Evidence.ts"
import { Findings, type Outcome } from "./Oracle.ts"
import type { SessionIndex } from "./SessionIndex.ts"

/** A transaction as the commits tell it. */
export interface Told {
  page: CommittedTransaction | null
  /** By number, the content's digest. */
  readonly facts: Map<number, number>
  readonly kinds: Set<string>
  readings: number
  /** Readings acknowledged to the station. */
  acknowledgedReadings: number
  firstAtMs: number
  endedAtMs: number | null
  settledAtMs: number | null
}

interface Pending {
  readonly acknowledgement: Acknowledgement
  readonly atMs: number
}

const once = new Set(["Started", "Ended", "Closed"])
const rank = { Open: 0, Closed: 1, Ended: 2 } as const

/** Whether a commit tells something of a transaction. */
const isToldOf = ({ facts, readings }: Commit, id: string): boolean =>
  readings.includes(id) || facts.some(({ transactionId }) => transactionId === id)

/**
 * Everything that was ever committed, in the order of the commits, and the laws that hold between one commit and the
 * next and between a commit and what a station was told. It looks at what reached the store, not at what the CMS
 * believes of it.
 */
export class Chronicle {
  private readonly truth: Truth
  private readonly sessions: SessionIndex
  private readonly monotone = new Findings()
  private readonly durability = new Findings()
  private readonly identity = new Findings()
  private readonly told = new Map<string, Told>()
  /** By station, by the id on the wire: what every acknowledgement is looked up by. */
  private readonly byName = new Map<string, Map<string, Told>>()
  private pending: Array<Pending> = []
  readonly cdrs = new Map<string, BookedCdr>()
  readonly entries = new Map<string, BookedEntry>()

  constructor(truth: Truth, sessions: SessionIndex) {
    this.truth = truth
    this.sessions = sessions
  }

  get transactions(): ReadonlyMap<string, Told> {
    return this.told
  }

  /** A unit is in the store. */
  committed(commit: Commit, atMs: number): void {
    for (const { transactionId, seq, kind, text } of commit.facts) {
      const told = this.toldOf(transactionId, atMs)
      this.monotone.check()
      const known = told.facts.get(seq)
      const content = digest(text)
      if (known === undefined) {
        told.facts.set(seq, content)
        if (once.has(kind) && told.kinds.has(kind)) {
          this.lie(commit.stationId, transactionId, `one ${kind}`, `another: ${text}`, "A fact was written twice.")
        }
        told.kinds.add(kind)
      } else if (known !== content) {
        this.lie(commit.stationId, transactionId, `fact ${seq} as it was`, text, "A fact was changed.")
      }
    }
    if (!commit.isRepeated) for (const id of commit.readings) this.toldOf(id, atMs).readings++
    for (const page of commit.transactions) this.turn(page, atMs, isToldOf(commit, page.id))
    for (const cdr of commit.cdrs) {
      this.write(this.cdrs, cdr, commit.stationId, cdr.transactionId, "CDR")
    }
    for (const entry of commit.entries) this.write(this.entries, entry, commit.stationId, null, "ledger entry")
  }

  /** A station was told that its message is kept. */
  acknowledged(acknowledgement: Acknowledgement, atMs: number): void {
    const { kind, sessionId, stationId, readings = 1 } = acknowledgement
    if (kind === "start" || kind === "end") {
      this.pending.push({ acknowledgement, atMs })
      return
    }
    if (kind !== "reading") return
    const session = this.truth.session(sessionId)
    // A clock that is turned back gives two readings of one register one name, and the books keep it once.
    if (session?.lies.includes("clock") === true) return
    const ocppId = nameOf(session)
    const told = ocppId === null ? undefined : this.named(stationId, ocppId)
    if (told === undefined) return
    this.durability.check()
    told.acknowledgedReadings += readings
    if (told.acknowledgedReadings <= told.readings) return
    this.durability.fail({
      stationId,
      sessionId,
      transactionId: told.page?.id ?? null,
      expected: `${told.acknowledgedReadings} readings committed`,
      found: `${told.readings}`,
      sentence: "A reading was acknowledged before it was committed."
    })
  }

  /** Judges what could not be judged at its instant, because the station had still to learn its transaction's id. */
  looked(): void {
    for (const { acknowledgement, atMs } of this.pending) {
      const { kind, sessionId, stationId } = acknowledgement
      const ocppId = nameOf(this.truth.session(sessionId))
      if (ocppId === null) continue
      this.durability.check()
      const told = this.named(stationId, ocppId)
      const keptAtMs = kind === "start" ? told?.firstAtMs : told?.endedAtMs
      if (keptAtMs != null && keptAtMs <= atMs) continue
      this.durability.fail({
        stationId,
        sessionId,
        transactionId: told?.page?.id ?? null,
        expected: "a commit before the answer",
        found: keptAtMs == null ? "no commit" : `a commit ${keptAtMs - atMs} ms after the answer arrived`,
        sentence: `The ${kind} of a session was acknowledged before it was committed.`
      })
    }
    this.pending = []
  }

  outcomes(): { readonly monotone: Outcome; readonly durability: Outcome; readonly identity: Outcome } {
    this.looked()
    const { monotone, durability, identity } = this
    return { monotone: monotone.outcome(), durability: durability.outcome(), identity: identity.outcome() }
  }

  private named(stationId: string, ocppId: string): Told | undefined {
    return this.byName.get(stationId)?.get(ocppId)
  }

  private name(stationId: string, ocppId: string, told: Told): void {
    const known = this.byName.get(stationId)
    if (known === undefined) this.byName.set(stationId, new Map([[ocppId, told]]))
    else known.set(ocppId, told)
  }

  private toldOf(transactionId: string, atMs: number): Told {
    let told = this.told.get(transactionId)
    if (told === undefined) {
      told = {
        page: null,
        facts: new Map(),
        kinds: new Set(),
        readings: 0,
        acknowledgedReadings: 0,
        firstAtMs: atMs,
        endedAtMs: null,
        settledAtMs: null
      }
      this.told.set(transactionId, told)
    }
    return told
  }

  /** A transaction's page was written: nothing that is over begins again, and no name changes its owner. */
  private turn(page: CommittedTransaction, atMs: number, isTold: boolean): void {
    const { id, stationId, ocppId, status, settled, version } = page
    const told = this.toldOf(id, atMs)
    const before = told.page
    this.name(stationId, ocppId, told)
    this.monotone.check()
    if (before !== null) {
      if (version < before.version) return
      if (before.stationId !== stationId || before.ocppId !== ocppId) {
        const was = `${before.ocppId} of ${before.stationId}`
        this.lie(stationId, id, was, `${ocppId} of ${stationId}`, "A transaction became another's.")
      }
      if (rank[status] < rank[before.status]) {
        this.lie(stationId, id, `${before.status} for good`, status, "A transaction that was over was re-opened.")
      }
      // What was given up without a stop, and is told of again, is priced anew when nothing more comes.
      if (before.settled && !settled && !(status === "Closed" && isTold)) {
        this.lie(stationId, id, "settled for good", "unsettled", "A settled transaction is no longer settled.")
      }
    }
    told.page = page
    if (settled) told.settledAtMs ??= atMs
    else told.settledAtMs = null
    if (status !== "Ended" || told.endedAtMs !== null) return
    told.endedAtMs = atMs
    this.identity.check()
    const session = this.sessions.named(stationId, ocppId)
    if (session === undefined || session.endedAtMs !== null || this.sessions.isMisled(stationId)) return
    this.identity.fail({
      stationId,
      sessionId: session.id,
      transactionId: id,
      expected: "running, as the car is charging",
      found: "Ended",
      sentence: "A transaction was ended while its car was charging: somebody else's stop did that."
    })
  }

  private write<A extends { readonly id: string }>(
    kept: Map<string, A>,
    item: A,
    stationId: string,
    transactionId: string | null,
    what: string
  ): void {
    this.monotone.check()
    const known = kept.get(item.id)
    if (known === undefined) {
      kept.set(item.id, item)
      return
    }
    const [was, is] = [wordsOf(known), wordsOf(item)]
    if (was !== is) this.lie(stationId, transactionId, was, is, `The ${what} ${item.id} was written anew.`)
  }

  private lie(stationId: string, transactionId: string | null, expected: string, found: string, sentence: string) {
    this.monotone.fail({ stationId, sessionId: null, transactionId, expected, found, sentence })
  }
}

/** Its id on the wire; null while nobody knows it, and when it was told of under another. */
const nameOf = (session: TrueSession | undefined): string | null =>
  session === undefined || session.lies.includes("messages") ? null : session.ocppTransactionId

/** Its content as text: the same for the same values, whatever order its keys were written in. */
export const wordsOf = (item: object): string =>
  JSON.stringify(item, (_key, value: unknown) => {
    if (typeof value === "bigint") return String(value)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })

/** 53 bits of a text, mixed as by cyrb53; a lie that happens to have the digest of the truth passes. */
const digest = (text: string): number => {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
