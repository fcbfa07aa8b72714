import type { TrueSession } from "../Truth.ts"
import { judgedAt } from "./judgedAt.ts"
import type { OcpiTariff } from "./SlowRater.ts"

/** Where and for whom a tariff was meant; what is left out does not narrow it. */
export interface Meant {
  readonly stationId?: string
  readonly evseId?: number
  readonly siteId?: string
  readonly groupId?: string
  readonly partnerId?: string
}

interface Version {
  readonly tariff: OcpiTariff
  readonly version: number
  readonly fromMs: number
  retiredAtMs: number
}

/** A span of time, its end not included. */
interface Span {
  readonly sinceMs: number
  untilMs: number
}

/**
 * What the operator decided about prices, and what therefore holds for a session: worked out a second time, slowly, from the
 * stated precedence. Shares no code with the CMS.
 */
export class PriceBook {
  private readonly versions = new Map<string, Array<Version>>()
  private readonly meant: Array<{ readonly where: Meant; readonly sinceMs: number; readonly tariffId: string | null }> =
    []
  private readonly memberships = new Map<string, Array<Span & { readonly groupId: string }>>()
  /** By station. */
  readonly sites = new Map<string, { readonly id: string; readonly timeZone: string }>()
  /** By token. */
  readonly partners = new Map<string, string>()
  /** When anything was decided. */
  readonly turnsAtMs: Array<number> = []

  /** Versions of a tariff so far. */
  countOf(tariffId: string): number {
    return this.versions.get(tariffId)?.length ?? 0
  }

  /** Whether something was decided in the while before a start, so that not every node need have known of it. */
  isTurning(session: TrueSession, withinMs: number): boolean {
    return judgedAt(session).some((begunAtMs) =>
      this.turnsAtMs.some((atMs) => atMs <= begunAtMs && atMs > begunAtMs - withinMs)
    )
  }

  /** Whether it makes a difference which instant a CMS takes a session's start for. */
  isBetween(session: TrueSession): boolean {
    const [first, ...others] = judgedAt(session).map((atMs) => this.heldFor(session, atMs))
    return others.some((it) => it !== first)
  }

  publish(tariff: OcpiTariff, fromMs: number): void {
    const known = this.versions.get(tariff.id) ?? []
    // What holds is decided here: whoever asks gets a tariff that is valid.
    const { start_date_time: _start, end_date_time: _end, ...rest } = tariff
    known.push({
      tariff: { ...rest, version: known.length + 1 },
      version: known.length + 1,
      fromMs,
      retiredAtMs: Number.POSITIVE_INFINITY
    })
    this.versions.set(tariff.id, known)
  }

  retire(tariffId: string, version: number, atMs: number): void {
    const known = this.versions.get(tariffId)?.[version - 1]
    if (known !== undefined) known.retiredAtMs = Math.min(known.retiredAtMs, atMs)
  }

  assign(where: Meant, sinceMs: number, tariffId: string | null): void {
    this.meant.push({ where, sinceMs, tariffId })
  }

  join(tokenUid: string, groupId: string, sinceMs: number): void {
    const known = this.memberships.get(tokenUid) ?? []
    known.push({ groupId, sinceMs, untilMs: Number.POSITIVE_INFINITY })
    this.memberships.set(tokenUid, known)
  }

  leave(tokenUid: string, groupId: string, atMs: number): void {
    for (const span of this.memberships.get(tokenUid) ?? [])
      if (span.groupId === groupId && span.untilMs > atMs) span.untilMs = atMs
  }

  /**
   * The tariffs that a session may be priced by: what holds when a CMS takes it to begin, or at each instant for which it may
   * take that, more than one where its clock is wrong; all that there ever were of no session.
   */
  tariffsOf(session?: TrueSession): ReadonlyArray<OcpiTariff> {
    if (session === undefined) return [...this.versions.values()].flat().map(({ tariff }) => tariff)
    const begun = judgedAt(session)
    const instants = session.lies.includes("clock") ? [session.startedAtMs, ...begun] : begun
    const held = (atMs: number) => this.heldFor(session, atMs) ?? []
    const tariffs = instants.flatMap(held)
    // Of a start that was lost a CMS knows no more than when it heard of the charge first.
    return tariffs.length > 0 || session.startAcknowledged
      ? tariffs
      : [held(session.endedAtMs ?? session.startedAtMs)].flat()
  }

  private heldFor({ stationId, evseId, tokenUid }: TrueSession, atMs: number): OcpiTariff | undefined {
    return this.at(stationId, evseId, tokenUid, atMs)
  }

  /** By whose wall clock a station charges. */
  timeZoneOf(stationId: string): string {
    return this.sites.get(stationId)?.timeZone ?? "Europe/Berlin"
  }

  /** What holds for a start there and then. */
  at(stationId: string, evseId: number, tokenUid: string | null, atMs: number): OcpiTariff | undefined {
    const siteId = this.sites.get(stationId)?.id
    const places: ReadonlyArray<Meant> = [
      { stationId, evseId },
      { stationId },
      ...(siteId === undefined ? [] : [{ siteId }]),
      {}
    ]
    const partnerId = tokenUid === null ? undefined : this.partners.get(tokenUid)
    const groups = (tokenUid === null ? [] : (this.memberships.get(tokenUid) ?? []))
      .filter(({ sinceMs, untilMs }) => sinceMs <= atMs && atMs < untilMs)
      .map(({ groupId }) => groupId)
      .sort()
    const order = [
      ...(partnerId === undefined ? [] : places.map((place) => ({ ...place, partnerId }))),
      ...places.flatMap((place) => groups.map((groupId) => ({ ...place, groupId }))),
      ...places
    ]
    for (const where of order) {
      const tariffId = this.meantAt(where, atMs)
      const valid = tariffId === null ? undefined : this.validAt(tariffId, atMs)
      if (valid !== undefined) return valid
    }
    return undefined
  }

  private meantAt(where: Meant, atMs: number): string | null {
    let newest: { readonly sinceMs: number; readonly tariffId: string | null } = { sinceMs: -1, tariffId: null }
    for (const it of this.meant)
      if (isSame(it.where, where) && it.sinceMs <= atMs && it.sinceMs >= newest.sinceMs) newest = it
    return newest.tariffId
  }

  private validAt(tariffId: string, atMs: number): OcpiTariff | undefined {
    const valid = (this.versions.get(tariffId) ?? [])
      .filter(({ fromMs, retiredAtMs }) => fromMs <= atMs && atMs < retiredAtMs)
      .sort((a, b) => a.fromMs - b.fromMs || a.version - b.version)
    return valid.at(-1)?.tariff
  }
}

const isSame = (a: Meant, b: Meant): boolean =>
  a.stationId === b.stationId &&
  a.evseId === b.evseId &&
  a.siteId === b.siteId &&
  a.groupId === b.groupId &&
  a.partnerId === b.partnerId
