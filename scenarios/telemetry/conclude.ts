import { type HardState, hardStates } from "#core/Sometimes.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { match } from "#simulator/oracles/match.ts"
import type { TrueSession, Truth } from "#simulator/Truth.ts"
import type { RunResult } from "../lab/Result.ts"
import { slug } from "../report/html.ts"
import { type Entry, type Exchange, instantOf } from "./Exchange.ts"
import type { BookedWords, ExchangeRecord, Mark, RunRecord, Sample } from "./RunRecord.ts"
import type { Telemetry } from "./Telemetry.ts"

/** Something that a story made happen. */
export interface Happening {
  readonly name: string
  /** Null when it concerns all of them. */
  readonly stationId: string | null
  readonly atMs: number
  readonly lastsMs: number
  readonly words: string
}

/** A run that is over, beside what its telemetry gathered. */
export interface Concluded {
  readonly title: string
  readonly shows: string
  readonly stations: number
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly marks: ReadonlyArray<Mark>
  readonly happenings?: ReadonlyArray<Happening>
  readonly result: RunResult
  readonly truth: Truth
  readonly evidence: Evidence
}

/** Logs shown in full: of transactions that an oracle complains about, and of the slowest of the others. */
const shownFailed = 40
const shownSlow = 8

/** Makes the record of a run, for its report. */
export const conclude = (telemetry: Telemetry, over: Concluded): RunRecord => {
  const { result, truth, evidence, startedAtMs, endedAtMs, happenings = [] } = over
  const { exchanges, exchangeOf } = exchangesOf(telemetry, over)
  return {
    title: over.title,
    shows: over.shows,
    result,
    repeat: null,
    stations: over.stations,
    startedAtMs,
    endedAtMs,
    spans: [
      ...happenings.map(({ name, stationId, atMs, lastsMs }) => ({
        name,
        stationId,
        fromMs: atMs,
        toMs: atMs + lastsMs
      })),
      ...telemetry.spans
    ],
    happened: happenings.length > 0 ? "steps" : "faults",
    strikes: [...timesOf(happenings), ...telemetry.strikesByFault],
    cmsDeaths: telemetry.cmsDeaths,
    marks: [...over.marks, ...lastOf(truth)].sort((a, b) => a.atMs - b.atMs),
    samples: samplesOf(telemetry, truth.sessions),
    messages: telemetry.messages(),
    money: evidence.cdrs === null ? null : telemetry.money,
    sometimes: (Object.keys(hardStates) as ReadonlyArray<HardState>).map((state) => [
      state,
      telemetry.reached.get(state) ?? 0
    ]),
    exchanges,
    exchangeOf,
    logs: { seen: telemetry.followed, kept: telemetry.kept.length }
  }
}

const timesOf = (happenings: ReadonlyArray<Happening>): ReadonlyArray<readonly [string, number]> => {
  const times = new Map<string, number>()
  for (const { name } of happenings) times.set(name, (times.get(name) ?? 0) + 1)
  return [...times]
}

/** How long before its first message, or its start as its station knows it, a transaction's story begins. */
const beforeMs = 5 * 60_000

/** Entries, with what was made to happen meanwhile among them. */
const withHappenings = (
  entries: ReadonlyArray<Entry>,
  stationId: string,
  session: TrueSession | null,
  happenings: ReadonlyArray<Happening>
): ReadonlyArray<Entry> => {
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined || happenings.length === 0) return entries
  const beganAtMs = session === null ? instantOf(first) : (session.pluggedAtMs ?? session.startedAtMs)
  const [fromMs, toMs] = [Math.min(instantOf(first), beganAtMs) - beforeMs, instantOf(last)]
  const notes = happenings
    .filter((it) => it.atMs >= fromMs && it.atMs <= toMs && (it.stationId === null || it.stationId === stationId))
    .map(({ atMs, words }): Entry => ({ what: "note", atMs, text: words }))
  return [...notes, ...entries].sort((a, b) => instantOf(a) - instantOf(b))
}

const lastOf = ({ sessions }: Truth): ReadonlyArray<Mark> => {
  const endedAtMs = sessions.reduce((last, it) => Math.max(last, it.endedAtMs ?? 0), 0)
  return endedAtMs === 0 ? [] : [{ name: "last transaction ends", atMs: endedAtMs }]
}

/** Sessions that ran at each sample: those begun by then, less those ended by then. */
const samplesOf = (telemetry: Telemetry, sessions: ReadonlyArray<TrueSession>): ReadonlyArray<Sample> => {
  const begun = sessions.map(({ startedAtMs }) => startedAtMs).sort((a, b) => a - b)
  const ended = sessions.flatMap(({ endedAtMs }) => endedAtMs ?? []).sort((a, b) => a - b)
  let [b, e] = [0, 0]
  const first = telemetry.probes[0]?.milliWh ?? 0
  return telemetry.probes.map(({ atMs, connected, milliWh }) => {
    while (b < begun.length && begun[b]! <= atMs) b++
    while (e < ended.length && ended[e]! <= atMs) e++
    return { atMs, connected, sessions: b - e, deliveredMilliWh: milliWh - first }
  })
}

interface Subject {
  readonly session: TrueSession | null
  readonly bookedId: string | null
  readonly exchange: Exchange
}

/** The logs worth reading: of what failed, in the order of the oracles, then the slowest. */
const exchangesOf = (telemetry: Telemetry, { truth, evidence, result, happenings = [] }: Concluded) => {
  const { bySession, sessionsOf, cdrsOf } = match(truth, evidence)
  const booked = new Map((evidence.transactions ?? []).map((it) => [it.id, it]))
  const chosen = new Map<Exchange, Subject & { failedBy: Set<string> }>()
  const exchangeOf = new Map<string, string>()

  const subjectOf = (sessionId: string | null, transactionId: string | null): Subject | undefined => {
    const row = transactionId === null ? undefined : booked.get(transactionId)
    const session =
      (sessionId === null ? undefined : truth.session(sessionId)) ??
      (transactionId === null ? undefined : sessionsOf.get(transactionId)?.[0]) ??
      null
    const exchange =
      session === null
        ? row && telemetry.exchangeOf(row.stationId, row.evseId ?? 0, row.startedAtMs, row.ocppId)
        : telemetry.exchangeOf(session.stationId, session.evseId, session.startedAtMs, session.ocppTransactionId)
    if (exchange === undefined) return undefined
    return { session, bookedId: transactionId ?? (session && bySession.get(session.id)?.id) ?? null, exchange }
  }

  for (const { name, failures } of result.oracles) {
    failures.forEach(({ sessionId, transactionId }, index) => {
      const subject = subjectOf(sessionId, transactionId)
      if (subject === undefined) return
      let known = chosen.get(subject.exchange)
      if (known === undefined) {
        if (chosen.size >= shownFailed) return
        known = { ...subject, failedBy: new Set() }
        chosen.set(subject.exchange, known)
      }
      known.failedBy.add(name)
      exchangeOf.set(`${name}/${index}`, idOf(subject.exchange))
    })
  }

  const failed = [...chosen.values()]
  const slowest = [...telemetry.kept]
    .filter((it) => !chosen.has(it) && it.worstMs > 0)
    .sort((a, b) => b.worstMs - a.worstMs || a.number - b.number)
    .slice(0, shownSlow)
  const sessionOf = sessionsByExchange(telemetry, truth, new Set(slowest))
  const slow = slowest.map((exchange): (typeof failed)[number] => {
    const session = sessionOf.get(exchange) ?? null
    return { exchange, session, bookedId: (session && bySession.get(session.id)?.id) ?? null, failedBy: new Set() }
  })

  const words = (id: string | null): BookedWords | null => {
    const row = id === null ? undefined : booked.get(id)
    if (row === undefined) return null
    return { id: row.id, status: row.status, findings: row.findings ?? [], cdrs: cdrsOf.get(row.id) ?? [] }
  }
  const exchanges = [...failed, ...slow].map(({ exchange, session, bookedId, failedBy }): ExchangeRecord => {
    const { stationId, evseId, wireId, worstMs, frames, entries } = exchange
    return {
      id: idOf(exchange),
      stationId,
      evseId: session?.evseId ?? evseId,
      wireId,
      failedBy: [...failedBy],
      worstMs,
      frames,
      entries: withHappenings(entries, stationId, session, happenings),
      session,
      booked: words(bookedId)
    }
  })
  return { exchanges, exchangeOf }
}

const sessionsByExchange = (
  telemetry: Telemetry,
  truth: Truth,
  wanted: ReadonlySet<Exchange>
): ReadonlyMap<Exchange, TrueSession> => {
  const found = new Map<Exchange, TrueSession>()
  for (const session of truth.sessions) {
    const { stationId, evseId, startedAtMs, ocppTransactionId } = session
    const exchange = telemetry.exchangeOf(stationId, evseId, startedAtMs, ocppTransactionId)
    if (exchange !== undefined && wanted.has(exchange)) found.set(exchange, session)
  }
  return found
}

const idOf = ({ stationId, number }: Exchange): string => `t-${slug(stationId)}-${number + 1}`
