import { Clock, Effect, Layer } from "effect"
import { canonicalUid } from "#core/token/Token.ts"
import { type AssignedAt, Directory } from "./Directory.ts"

/** How much is kept. */
export interface Settings {
  /** Entries of each kind, known and unknown keys together; default 200,000. */
  readonly entriesPerKind?: number
  /**
   * How long a token is believed without asking again, ms; default 10,000. So long a card that was blocked on another node
   * may still be taken on this one.
   */
  readonly tokenFreshForMs?: number
}

const never = (): number => 0

/**
 * A bounded map in two generations: what was not asked for while the younger filled up is forgotten with the older. A
 * hit is one look-up and allocates nothing.
 */
class Generations<A> {
  private young = new Map<string, A>()
  private old = new Map<string, A>()
  private readonly half: number

  constructor(limit: number) {
    this.half = Math.max(1, Math.floor(limit / 2))
  }

  get(key: string): A | undefined {
    const found = this.young.get(key)
    if (found !== undefined) return found
    const older = this.old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: string, value: A): void {
    this.young.set(key, value)
    if (this.young.size < this.half) return
    this.old = this.young
    this.young = new Map()
  }

  delete(key: string): void {
    this.young.delete(key)
    this.old.delete(key)
  }

  clear(): void {
    this.young.clear()
    this.old.clear()
  }
}

interface Known<A> {
  readonly askedAtMs: number
  readonly answer: Effect.Effect<A>
}

/**
 * Look-ups by key, the answers kept ready as effects. A change made here is seen at once; while it is under way nothing
 * is kept that was read beside it, and when its outcome is unknown the key is asked anew.
 */
class Lookups<A, E> {
  private readonly known: Generations<Known<A>>
  private readonly read: (key: string) => Effect.Effect<A, E>
  private readonly nowMs: () => number
  private readonly freshForMs: number
  private changes = 0

  constructor(
    limit: number,
    read: (key: string) => Effect.Effect<A, E>,
    { nowMs = never, freshForMs = 1 }: { readonly nowMs?: () => number; readonly freshForMs?: number } = {}
  ) {
    this.known = new Generations(limit)
    this.read = read
    this.nowMs = nowMs
    this.freshForMs = freshForMs
  }

  get(key: string): Effect.Effect<A, E> {
    const known = this.known.get(key)
    return known === undefined || this.nowMs() - known.askedAtMs >= this.freshForMs ? this.ask(key) : known.answer
  }

  /** Wraps a change of what is behind `key`. */
  changing<B, F>(key: string, change: Effect.Effect<B, F>): Effect.Effect<B, F> {
    return Effect.onExit(
      Effect.suspend(() => {
        this.forget(key)
        return change
      }),
      () => Effect.sync(() => this.forget(key))
    )
  }

  /** Wraps a change that may be behind any key. */
  changingAny<B, F>(change: Effect.Effect<B, F>): Effect.Effect<B, F> {
    const forgetAll = (): void => {
      this.changes++
      this.known.clear()
    }
    return Effect.onExit(
      Effect.suspend(() => {
        forgetAll()
        return change
      }),
      () => Effect.sync(forgetAll)
    )
  }

  private ask(key: string): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const before = this.changes
      const askedAtMs = this.nowMs()
      return Effect.map(this.read(key), (answer) => {
        if (this.changes === before) this.known.set(key, { askedAtMs, answer: Effect.succeed(answer) })
        return answer
      })
    })
  }

  private forget(key: string): void {
    this.changes++
    this.known.delete(key)
  }
}

/**
 * How long stations, prices and what is assigned are believed without asking again, ms: so long what an operator decided on
 * another node may be unknown on this one. Boots and starts ask for them, and no other message.
 */
const operatorFreshForMs = 60_000

const keyOf = (at: Exclude<AssignedAt, "network">): string => ("stationId" in at ? `c${at.stationId}` : `s${at.siteId}`)

const placeOf = (key: string): AssignedAt =>
  key.startsWith("c") ? { stationId: key.slice(1) } : { siteId: key.slice(1) }

/**
 * The directory with answers at hand for what every message asks: stations, tokens, drivers, tariffs, by key, the unknown
 * ones too. It sees the changes that go through it; those of other nodes it sees when what it knows is no longer fresh, and
 * of drivers when it forgets.
 */
export const cached = (
  source: Directory["Service"],
  nowMs: () => number,
  settings: Settings = {}
): Directory["Service"] => {
  const limit = settings.entriesPerKind ?? 200_000
  const operator = { nowMs, freshForMs: operatorFreshForMs }
  const stations = new Lookups(limit, source.station, operator)
  const tokens = new Lookups(limit, source.token, { nowMs, freshForMs: settings.tokenFreshForMs ?? 10_000 })
  const drivers = new Lookups(limit, source.driver)
  const tariffs = new Lookups(limit, source.tariff, operator)
  const defaultTariff = new Lookups(2, () => source.defaultTariffId, operator)
  const sites = new Lookups(limit, source.site, operator)
  const assignments = new Lookups(limit, (key) => source.assignments(placeOf(key)), operator)
  const everywhere = new Lookups(2, () => source.assignments("network"), operator)
  /** A change of what is assigned somewhere, or of all that a station or a site may have. */
  const assigning = <A, E>(change: Effect.Effect<A, E>) =>
    assignments.changingAny(everywhere.changing("", defaultTariff.changing("", stations.changingAny(change))))
  return {
    ...source,
    station: (id) => stations.get(id),
    token: (uid) => tokens.get(canonicalUid(uid)),
    driver: (id) => drivers.get(id),
    tariff: (id) => tariffs.get(id),
    defaultTariffId: Effect.suspend(() => defaultTariff.get("")),
    site: (id) => sites.get(id),
    assignments: (at) => (at === "network" ? everywhere.get("") : assignments.get(keyOf(at))),
    setDefaultTariffId: (id) => assigning(source.setDefaultTariffId(id)),
    assign: (assignment) => assigning(source.assign(assignment)),
    createSite: (site) => sites.changing(site.id, source.createSite(site)),
    updateSite: (site) => stations.changingAny(sites.changing(site.id, source.updateSite(site))),
    createStation: (station) =>
      assignments.changing(
        keyOf({ stationId: station.id }),
        stations.changing(station.id, source.createStation(station))
      ),
    updateStation: (station) => stations.changing(station.id, source.updateStation(station)),
    createDriver: (driver) => drivers.changing(driver.id, source.createDriver(driver)),
    updateDriver: (driver) => drivers.changing(driver.id, source.updateDriver(driver)),
    createToken: (token) => tokens.changing(canonicalUid(token.uid), source.createToken(token)),
    updateToken: (token) => tokens.changing(canonicalUid(token.uid), source.updateToken(token)),
    joinGroup: (change) => tokens.changingAny(source.joinGroup(change)),
    leaveGroup: (change) => tokens.changingAny(source.leaveGroup(change)),
    retireTariff: (version) => tariffs.changing(version.id, source.retireTariff(version)),
    publishTariff: (tariff) => tariffs.changing(tariff.id, source.publishTariff(tariff))
  }
}

/** Puts the cache before the directory that it is provided with. */
export const layer = (settings: Settings = {}): Layer.Layer<Directory, never, Directory> =>
  Layer.effect(
    Directory,
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      return cached(yield* Directory, () => clock.currentTimeMillisUnsafe(), settings)
    })
  )
