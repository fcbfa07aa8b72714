import { Displays } from "./Displays.ts"

/**
 * What really happened in the simulated world, kept by those it happened to: stations write, oracles read, and the
 * CMS under test never sees it. Instants of a session are the station's own clock's, which is the time it reports.
 */

export type TrueDialect = "1.6" | "2.0.1" | "2.1"

/**
 * What the car and the EVSE were doing, by the names of 2.x ChargingStateEnumType. "Idle", no car yet, occurs only in
 * 2.x transactions that begin with the authorization (TxStartPoint Authorized).
 */
export type TrueState = "Idle" | "EVConnected" | "Charging" | "SuspendedEV" | "SuspendedEVSE"

/**
 * What the CMS can know of a session's end: it was told and acknowledged ("reported"), the station still holds the
 * message and will deliver it ("queued"), or the station itself does not know any more ("lost"). Null while it runs.
 */
export type EndKnowledge = "reported" | "queued" | "lost"

/**
 * In what a station's word and the truth are apart. "meter": the register it told rose by something else than what was
 * delivered, or began at the 0 of a new meter; "meter-plainly": so that any reader of the readings can see it, by a fall or a rise that no charger
 * delivers; "clock": its clock was turned while the session ran, or shows another year; "messages": something that
 * decides about the session was told under another name, altered, or lost for good.
 */
export type Lie = "meter" | "meter-plainly" | "clock" | "messages"

/** One transaction as it truly was, whatever the CMS heard of it. */
export interface TrueSession {
  /** Ours, unique in the run and the same in every run of the same seed: `<station>#<number>`. */
  readonly id: string
  readonly stationId: string
  readonly evseId: number
  readonly connectorId: number
  readonly dialect: TrueDialect
  /** The token that charged in canonical upper case; null when nobody was asked for one. */
  readonly tokenUid: string | null
  /** Whose car is on the cable; null for nobody in particular. */
  readonly personId: string | null
  readonly pluggedAtMs: number | null
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly unpluggedAtMs: number | null
  /** Start and end by the true clock; the same as above while the station's is right. */
  readonly trueStartedAtMs: number
  readonly trueEndedAtMs: number | null
  /** What the meter had counted at start and end: whole Wh, rounded down. */
  readonly meterStartWh: number
  readonly meterStopWh: number | null
  /** What it showed then, which is what the station reports; the same as above while the meter is right. */
  readonly shownStartWh: number
  readonly shownStopWh: number | null
  /** What the EVSE can deliver at most. */
  readonly maxPowerW: number
  /** The most that it drew, as its meter showed it or counted from one reading to the next. */
  readonly peakPowerW: number
  /** Energy that went into the car between start and end, integer milli-watt-hours. */
  readonly deliveredMilliWh: number
  /** Energy that came back out of it meanwhile, mWh; no part of what was delivered, which it takes nothing from. */
  readonly exportedMilliWh: number
  /** Energy after the end as reported, which nobody can bill: a power cut that came after the last reading kept. */
  readonly lostMilliWh: number
  /** Every change of state, the first at `startedAtMs`, in order of time. */
  readonly states: ReadonlyArray<{ readonly atMs: number; readonly state: TrueState }>
  /** Instants the meter was read for this session, begin and end included, whether or not the CMS got them. */
  readonly readings: number
  /** The id on the wire as finally known: the CMS's number in 1.6, the station's own string in 2.x. */
  readonly ocppTransactionId: string | null
  /** The CMS could not be reached at the start, or had not let the station in: it was not asked. */
  readonly startOffline: boolean
  /** The reason by the names of 1.6 (the station's dialect may spell it differently); null while it runs. */
  readonly stopReason: string | null
  /** The token it was stopped with, when it was stopped by one. */
  readonly stopTokenUid: string | null
  /** The CMS answered the start with anything but Accepted. */
  readonly rejected: boolean
  /** The CMS acknowledged the start; false also means that it may never have heard of the session. */
  readonly startAcknowledged: boolean
  readonly endKnowledge: EndKnowledge | null
  /**
   * When its meter was told last under no name, behind an end that its station had yet to tell: a CMS takes that for a reading of
   * the session. Absent: never.
   */
  readonly readBehindAtMs?: number
  /** Names of the faults that were on at its station while it ran, each once. */
  readonly faults: ReadonlyArray<string>
  /** In what the station's word and the truth are apart, each once; none of an honest session. */
  readonly lies: ReadonlyArray<Lie>
  /** A remote start's id (2.x remoteStartId, or the order in which 1.6 asked); null when a person presented a token. */
  readonly remoteStartId: number | null
}

/** A transaction message that the CMS answered with a CALLRESULT: from then on it must know what the message said. */
export interface Acknowledgement {
  readonly stationId: string
  readonly sessionId: string
  readonly action: string
  readonly kind: "start" | "reading" | "state" | "end"
  readonly messageId: string
  /** How many readings the message told; one when not given. */
  readonly readings?: number
  /** When the answer arrived, by the station's clock. */
  readonly atMs: number
}

/** One answer of the CMS to the question whether a token may charge. */
export interface Judgement {
  readonly stationId: string
  readonly tokenUid: string
  /** When the answer arrived: truly, if it was to an Authorize; else by the station's clock. */
  readonly atMs: number
  /** By what it was asked: Authorize, StartTransaction, TransactionEvent. */
  readonly action: string
  /** The status as the dialect spells it. */
  readonly status: string
  readonly sessionId: string | null
}

/** How a person starts a charge: a card at the reader, an app with a contract, a code on the station without one. */
export type Way = "card" | "app" | "qr"

/** A token that a person showed to a reader, or ordered a charge with, to begin one. */
export interface Presentation {
  readonly stationId: string
  readonly evseId: number
  /** Canonical upper case. */
  readonly tokenUid: string
  readonly personId: string
  readonly way: Way
  /** True time, when it was shown or ordered. */
  readonly atMs: number
}

/** Messages over the whole run, all stations together. */
export interface TruthCounters {
  /** CALLs put on the wire, repetitions included. */
  sent: number
  answered: number
  /** Answered with a CALLERROR. */
  refused: number
  timeouts: number
  /** Unanswered because the connection broke, or never sent because it had. */
  disconnected: number
  /** CALLs sent again because the first brought no result. */
  repeated: number
  /** Transaction messages that waited for a connection. */
  queued: number
  /** CALLs of the CMS that a station handled. */
  handled: number
  boots: number
  connects: number
  /** Messages a station gave up: only with habits that say so, or a memory that a power cut emptied. */
  dropped: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A session as its station writes it. */
export interface OpenTrueSession extends Mutable<TrueSession> {
  states: Array<{ readonly atMs: number; readonly state: TrueState }>
  faults: Array<string>
  lies: Array<Lie>
}

export interface TruthOptions {
  /** "ends" keeps the acknowledgements of starts and ends only, for fleets of millions of readings. */
  readonly acknowledgements?: "all" | "ends"
  /** Told of every acknowledgement of a session's message as it reaches the station. */
  readonly onAcknowledged?: (acknowledgement: Acknowledgement) => void
}

/** The ledger of one run. Written by the stations of a fleet, read by oracles at any instant. */
export class Truth {
  private readonly kept: Array<OpenTrueSession> = []
  private readonly byId = new Map<string, OpenTrueSession>()
  private readonly answered: Array<Acknowledgement> = []
  private readonly judged: Array<Judgement> = []
  private readonly shown: Array<Presentation> = []
  private readonly shownAt = new Map<string, Array<Presentation>>()
  private readonly keepReadings: boolean
  private readonly withLostStates = new Set<string>()
  /** Messages that a fault broke on their way out, `<station>|<message id>`. */
  private readonly broken = new Set<string>()
  /** Connectors whose last status the CMS never took in, `<station>|<EVSE>|<connector>`. */
  private readonly unheard = new Set<string>()
  /** Stations whose clock was turned back: what they report now looks older than what they reported before. */
  readonly turnedBack = new Set<string>()
  /** When an operator gave up what was open in the books of a station. */
  private readonly givenUp: Array<{ readonly stationId: string; readonly atMs: number }> = []
  /** Messages told under a name that no session has, by station: a CMS may keep each as a transaction of its own. */
  readonly misnomers = new Map<string, number>()
  private readonly onAcknowledged: (acknowledgement: Acknowledgement) => void
  /** What drivers see of costs. */
  readonly displays = new Displays()
  readonly counters: TruthCounters = {
    sent: 0,
    answered: 0,
    refused: 0,
    timeouts: 0,
    disconnected: 0,
    repeated: 0,
    queued: 0,
    handled: 0,
    boots: 0,
    connects: 0,
    dropped: 0
  }

  constructor(options?: TruthOptions) {
    this.keepReadings = options?.acknowledgements !== "ends"
    this.onAcknowledged = options?.onAcknowledged ?? (() => {})
  }

  /** All sessions in the order they began. */
  get sessions(): ReadonlyArray<TrueSession> {
    return this.kept
  }

  get acknowledgements(): ReadonlyArray<Acknowledgement> {
    return this.answered
  }

  get judgements(): ReadonlyArray<Judgement> {
    return this.judged
  }

  /** What persons showed or ordered with to begin a charge, in order of time. */
  get presentations(): ReadonlyArray<Presentation> {
    return this.shown
  }

  /** How a session was started, and by whom; undefined when nobody in particular did. */
  startOf({ stationId, evseId, tokenUid, remoteStartId, personId }: TrueSession): Presentation | undefined {
    if (tokenUid === null || personId === null) return undefined
    const isRemote = remoteStartId !== null
    return this.at(stationId, evseId, tokenUid).find(
      (it) => it.personId === personId && (it.way !== "card") === isRemote
    )
  }

  /** What was shown of one token at one EVSE, in order of time. */
  at(stationId: string, evseId: number, tokenUid: string): ReadonlyArray<Presentation> {
    return this.shownAt.get(`${stationId}|${evseId}|${tokenUid}`) ?? []
  }

  present(presentation: Presentation): void {
    const { stationId, evseId, tokenUid } = presentation
    const key = `${stationId}|${evseId}|${tokenUid}`
    this.shown.push(presentation)
    const others = this.shownAt.get(key)
    if (others === undefined) this.shownAt.set(key, [presentation])
    else others.push(presentation)
  }

  session(id: string): TrueSession | undefined {
    return this.byId.get(id)
  }

  /** Energy of all sessions, whole Wh rounded down. */
  get deliveredWh(): number {
    let milliWh = 0
    for (const session of this.kept) milliWh += session.deliveredMilliWh
    return Math.floor(milliWh / 1000)
  }

  /** Begins a session; the station keeps the returned record and writes on it until the car is gone. */
  begin(session: OpenTrueSession): OpenTrueSession {
    if (this.byId.has(session.id)) throw new Error(`two sessions are called ${session.id}`)
    this.kept.push(session)
    this.byId.set(session.id, session)
    return session
  }

  acknowledge(acknowledgement: Acknowledgement): void {
    const { kind, sessionId } = acknowledgement
    if (this.keepReadings || kind === "start" || kind === "end") this.answered.push(acknowledgement)
    const session = this.byId.get(sessionId)
    if (session === undefined) return
    if (kind === "start") session.startAcknowledged = true
    if (kind === "end") session.endKnowledge = "reported"
    this.onAcknowledged(acknowledgement)
  }

  /** An operator gives up what is open in the books of a station. */
  giveUp(stationId: string, atMs: number): void {
    this.givenUp.push({ stationId, atMs })
  }

  /** Whether that may have been a charge that ran then. */
  wasGivenUp({
    stationId,
    trueStartedAtMs,
    trueEndedAtMs
  }: Pick<TrueSession, "stationId" | "trueStartedAtMs" | "trueEndedAtMs">): boolean {
    return this.givenUp.some(
      (it) => it.stationId === stationId && it.atMs >= trueStartedAtMs && it.atMs <= (trueEndedAtMs ?? it.atMs)
    )
  }

  /** The meter of an EVSE without a transaction is told, which 1.6 may do within one just so. */
  readIdle(stationId: string, evseId: number, atMs: number): void {
    const session = this.kept.findLast((it) => it.stationId === stationId && it.evseId === evseId)
    if (session?.dialect === "1.6" && session.endKnowledge === "queued") session.readBehindAtMs = atMs
  }

  /** A station told something of a session in a way that the CMS cannot know it by; `wireId` as it should have been. */
  mislead(stationId: string, wireId: string, what: Lie): void {
    const session = this.kept.findLast((it) => it.stationId === stationId && it.ocppTransactionId === wireId)
    if (session !== undefined && !session.lies.includes(what)) session.lies.push(what)
  }

  /** What the car did then is told nowhere else, and with it what is parking and what is charging. */
  loseState(session: OpenTrueSession): void {
    if (!session.lies.includes("messages")) session.lies.push("messages")
    this.withLostStates.add(session.id)
  }

  /** A copy of a start or end that the station had given up reached the CMS all the same, and was taken in. */
  toldLate(stationId: string, wireId: string, kind: "start" | "end"): void {
    const session = this.kept.findLast((it) => it.stationId === stationId && it.ocppTransactionId === wireId)
    if (session === undefined) return
    if (kind === "end") {
      if (session.endKnowledge === "lost" && session.endedAtMs !== null) session.endKnowledge = "reported"
      return
    }
    session.startAcknowledged = true
    const isTrueOtherwise = !session.faults.includes("wrong transaction id") && !this.withLostStates.has(session.id)
    if (isTrueOtherwise) session.lies = session.lies.filter((it) => it !== "messages")
  }

  /** A fault makes a message unreadable, or puts one on the wire that no station would. */
  breakMessage(stationId: string, messageId: string): void {
    this.broken.add(`${stationId}|${messageId}`)
  }

  /** A message came once more under another id, as it was. */
  repeatMessage(stationId: string, messageId: string, again: string): void {
    if (this.isBroken(stationId, messageId)) this.breakMessage(stationId, again)
  }

  isBroken(stationId: string, messageId: string): boolean {
    return this.broken.size > 0 && this.broken.has(`${stationId}|${messageId}`)
  }

  /** A station's clock was turned back to `atMs`: what it dates now may fall into sessions that are over. */
  turnBack(stationId: string, atMs: number): void {
    this.turnedBack.add(stationId)
    for (const session of this.kept) {
      const isReentered = session.stationId === stationId && (session.endedAtMs ?? atMs) >= atMs
      if (isReentered && session.startedAtMs <= atMs && !session.lies.includes("clock")) session.lies.push("clock")
    }
  }

  /** The last status of a connector was given up, or taken in. */
  statusHeard(stationId: string, evseId: number, connectorId: number, isHeard: boolean): void {
    const connector = `${stationId}|${evseId}|${connectorId}`
    if (!isHeard) this.unheard.add(connector)
    else if (this.unheard.size > 0) this.unheard.delete(connector)
  }

  /** Whether the CMS cannot know what a connector is: nobody ever told it. */
  isUnheard(stationId: string, evseId: number, connectorId: number): boolean {
    return this.unheard.has(`${stationId}|${evseId}|${connectorId}`)
  }

  /** A station told something under a name that no session has. */
  misname(stationId: string): void {
    this.misnomers.set(stationId, (this.misnomers.get(stationId) ?? 0) + 1)
  }

  judge(judgement: Judgement): void {
    this.judged.push(judgement)
  }
}
