import type { Stream } from "#simulator/Stream.ts"

/** One reading as the station's meter gave it. */
export interface Reading {
  readonly atMs: number
  readonly registerWh: number
  readonly context: "Begin" | "Periodic" | "End"
}

/** A charging session as it truly was: what the books are compared with. */
export interface Session {
  readonly stationId: string
  readonly version: "1.6" | "2.0.1"
  readonly evseId: number
  readonly tokenUid: string
  /** False for a card that nobody registered: recorded, refused, never billed. */
  readonly isKnown: boolean
  /** The id on the wire: the station's own in 2.0.1, in 1.6 the server's, undefined until it is answered. */
  ocppId: string | undefined
  readonly startedAtMs: number
  endedAtMs: number | undefined
  /** All that were sent, begin and end included. */
  readonly readings: Array<Reading>
  readonly states: Array<{ readonly atMs: number; readonly state: "EVConnected" | "Charging" | "SuspendedEV" }>
  isStartAnswered: boolean
  isStopAnswered: boolean
}

/** What an EVSE has to say next, before it is put in a version's words. */
export type Step =
  | { readonly _tag: "Authorize"; readonly tokenUid: string; readonly isKnown: boolean }
  | { readonly _tag: "Status"; readonly evseId: number; readonly atMs: number; readonly status: EvseStatus }
  | { readonly _tag: "Start"; readonly session: Session; readonly reading: Reading }
  /** 2.0.1 after a start by cable: the card comes second. */
  | { readonly _tag: "Present"; readonly session: Session; readonly atMs: number }
  | { readonly _tag: "Readings"; readonly session: Session; readonly readings: ReadonlyArray<Reading> }
  | { readonly _tag: "Pause"; readonly session: Session; readonly atMs: number; readonly reading: Reading | undefined }
  | { readonly _tag: "Stop"; readonly session: Session; readonly reading: Reading; readonly detailed: boolean }

export type EvseStatus = "Available" | "Preparing" | "Charging" | "SuspendedEV"

/**
 * One EVSE that charges car after car by a clock and a meter of its own: seconds of ours are hours of its, so that short
 * runs book whole kilowatt-hours. Everything it does comes from its stream of chance.
 */
export class Evse {
  readonly sessions: Array<Session> = []
  private readonly place: { readonly stationId: string; readonly version: Session["version"]; readonly evseId: number }
  private readonly tokenUid: string
  private readonly stream: Stream
  private nowMs: number
  private registerWh: number
  private plan: Array<() => Step> = []

  constructor(place: Evse["place"], tokenUid: string, stream: Stream, nowMs: number) {
    this.place = place
    this.tokenUid = tokenUid
    this.stream = stream
    this.nowMs = nowMs
    this.registerWh = stream.int(1, 9_000_000)
  }

  /** Between two cars. */
  get isIdle(): boolean {
    return this.plan.length === 0
  }

  /** The next step; begins another session when the last is over. */
  next(): Step {
    if (this.plan.length === 0) this.arrive()
    return this.plan.shift()!()
  }

  private arrive(): void {
    const { place, stream } = this
    const isKnown = !stream.chance(0.08)
    const tokenUid = isKnown ? this.tokenUid : `STRANGER-${stream.int(1, 999)}`
    this.pass(60, 7_200)
    const session: Session = {
      ...place,
      tokenUid,
      isKnown,
      ocppId: place.version === "1.6" ? undefined : `${place.evseId}-${this.sessions.length}-${stream.word()}`,
      startedAtMs: this.nowMs,
      endedAtMs: undefined,
      readings: [],
      states: [],
      isStartAnswered: false,
      isStopAnswered: false
    }
    const cableFirst = place.version === "2.0.1" && stream.chance(0.4)
    const plan: Array<() => Step> = [() => this.status("Preparing")]
    if (stream.chance(0.5)) plan.push(() => ({ _tag: "Authorize", tokenUid, isKnown }))
    plan.push(() => this.start(session, cableFirst))
    if (cableFirst) plan.push(() => this.present(session))
    if (isKnown) {
      plan.push(() => this.status("Charging"))
      const readings = stream.int(0, 4)
      for (let index = 0; index < readings; index++) plan.push(() => this.readings(session))
      if (stream.chance(0.3)) plan.push(() => this.pause(session))
    }
    plan.push(() => this.stop(session))
    plan.push(() => this.status("Available"))
    this.plan = plan
  }

  private start(session: Session, cableFirst: boolean): Step {
    this.sessions.push(session)
    session.states.push({ atMs: this.nowMs, state: cableFirst ? "EVConnected" : "Charging" })
    return { _tag: "Start", session, reading: this.read(session, "Begin") }
  }

  private present(session: Session): Step {
    this.pass(5, 60)
    session.states.push({ atMs: this.nowMs, state: "Charging" })
    return { _tag: "Present", session, atMs: this.nowMs }
  }

  private readings(session: Session): Step {
    const readings: Array<Reading> = []
    const count = this.stream.int(1, 3)
    for (let index = 0; index < count; index++) {
      this.charge(60, 900)
      readings.push(this.read(session, "Periodic"))
    }
    return { _tag: "Readings", session, readings }
  }

  /** The car is full: what follows is parking. */
  private pause(session: Session): Step {
    this.charge(60, 900)
    session.states.push({ atMs: this.nowMs, state: "SuspendedEV" })
    const reading = this.place.version === "2.0.1" ? this.read(session, "Periodic") : undefined
    return { _tag: "Pause", session, atMs: this.nowMs, reading }
  }

  private stop(session: Session): Step {
    const isParked = session.states.at(-1)?.state === "SuspendedEV"
    if (isParked) this.pass(60, 1_800)
    else this.charge(1, 900)
    session.endedAtMs = this.nowMs
    return { _tag: "Stop", session, reading: this.read(session, "End"), detailed: this.stream.chance(0.3) }
  }

  private status(status: EvseStatus): Step {
    return { _tag: "Status", evseId: this.place.evseId, atMs: this.nowMs, status }
  }

  private read(session: Session, context: Reading["context"]): Reading {
    const reading = { atMs: this.nowMs, registerWh: this.registerWh, context }
    session.readings.push(reading)
    return reading
  }

  private pass(fromSeconds: number, toSeconds: number): void {
    this.nowMs += this.stream.int(fromSeconds, toSeconds) * 1_000
  }

  /** Up to 150 kW for a while. */
  private charge(fromSeconds: number, toSeconds: number): void {
    const seconds = this.stream.int(fromSeconds, toSeconds)
    this.nowMs += seconds * 1_000
    this.registerWh += this.stream.int(0, Math.floor((seconds * 150_000) / 3_600))
  }
}
