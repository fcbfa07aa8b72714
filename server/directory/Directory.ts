import { Context, Data, type Effect } from "effect"
import type { Driver } from "#core/driver/Driver.ts"
import type { DriverGroup, Membership } from "#core/driver/Group.ts"
import type { Site } from "#core/site/Site.ts"
import type { Station } from "#core/station/Station.ts"
import type { Assignment } from "#core/tariff/assign/Assignment.ts"
import type { TariffVersion } from "#core/tariff/life.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import type { Token } from "#core/token/Token.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** Something of that name exists already. */
export class AlreadyExists extends Data.TaggedError("AlreadyExists")<{ readonly kind: string; readonly id: string }> {}

/** Nothing of that name exists, or what it refers to does not. */
export class NotFound extends Data.TaggedError("NotFound")<{ readonly kind: string; readonly id: string }> {}

/** The only API key there is: without it nobody could use the API, or make another. */
export class LastApiKey extends Data.TaggedError("LastApiKey")<{ readonly id: string }> {}

/** Which stations of a list are wanted: those that fit everything that is told. */
export interface StationFilter {
  readonly registration?: Station["registration"]
  /** The tariff that the station itself names. */
  readonly tariffId?: string
  readonly siteId?: string
  /** Only stations of these ids, or only others. */
  readonly ids?: { readonly are: "among" | "not among"; readonly these: ReadonlyArray<string> }
}

/** A bearer token of the API, kept as its SHA-256: a leaked database opens no door. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly secretHash: string
  readonly createdAtMs: number
}

/** A token, with what a start on it asks. */
export interface KnownToken extends Token {
  /** The groups that its driver belongs or belonged to: by group, then by time. */
  readonly memberships: ReadonlyArray<Membership>
  /** Its driver pays by wallet, or it has a budget. */
  readonly limited: boolean
}

/** Who belongs to which group, from when on, or until when. */
export interface GroupChange {
  readonly groupId: string
  readonly driverId: string
  readonly atMs: number
}

/** A further version of a tariff in the making: whole and well formed, and good for no transaction. One a tariff. */
export interface TariffDraft {
  /** With the version that it is to become. */
  readonly tariff: Tariff
  readonly savedAtMs: number
}

/** The part of the network that slots are looked up by: one station with its EVSEs, one site, or what holds everywhere. */
export type AssignedAt = { readonly stationId: string } | { readonly siteId: string } | "network"

/**
 * What the operator registers: stations, drivers, tokens, tariffs. Lookups by key are on the path of every message and
 * answered from a cache that every change goes through.
 */
export class Directory extends Context.Service<
  Directory,
  {
    readonly station: (id: string) => Effect.Effect<Station | undefined, StoreUnavailable>
    readonly token: (uid: string) => Effect.Effect<KnownToken | undefined, StoreUnavailable>
    readonly driver: (id: string) => Effect.Effect<Driver | undefined, StoreUnavailable>
    readonly group: (id: string) => Effect.Effect<DriverGroup | undefined, StoreUnavailable>
    /** The groups that a driver belongs or belonged to: by group, then by time. Empty of a driver nobody registered. */
    readonly memberships: (driverId: string) => Effect.Effect<ReadonlyArray<Membership>, StoreUnavailable>
    readonly site: (id: string) => Effect.Effect<Site | undefined, StoreUnavailable>
    /** Every version of a tariff, oldest first, those that are retired too; empty when unknown. */
    readonly tariff: (id: string) => Effect.Effect<ReadonlyArray<TariffVersion>, StoreUnavailable>
    /** What is and was assigned there, in the order of slots (`slotKey`) and instants. */
    readonly assignments: (at: AssignedAt) => Effect.Effect<ReadonlyArray<Assignment>, StoreUnavailable>
    /** The tariff that holds anywhere for everyone, as of now; undefined until one is assigned. */
    readonly defaultTariffId: Effect.Effect<string | undefined, StoreUnavailable>
    /** Assigns it to the whole network for everyone, as if it had been so from the beginning. */
    readonly setDefaultTariffId: (id: string) => Effect.Effect<void, NotFound | StoreUnavailable>

    readonly createStation: (station: Station) => Effect.Effect<void, AlreadyExists | NotFound | StoreUnavailable>
    /** Changes everything but its tariff, which is assigned. */
    readonly updateStation: (station: Station) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly createSite: (site: Site) => Effect.Effect<void, AlreadyExists | StoreUnavailable>
    /** Its stations get its time zone. */
    readonly updateSite: (site: Site) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly createDriver: (driver: Driver) => Effect.Effect<void, AlreadyExists | StoreUnavailable>
    readonly updateDriver: (driver: Driver) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly createGroup: (group: DriverGroup) => Effect.Effect<void, AlreadyExists | StoreUnavailable>
    readonly updateGroup: (group: DriverGroup) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** Puts a driver into a group; who is in it stays in it. Fails with what is not there: the group or the driver. */
    readonly joinGroup: (change: GroupChange) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** Takes a driver out of a group; that he was in it stays known. Fails when he is not in it. */
    readonly leaveGroup: (change: GroupChange) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly createToken: (token: Token) => Effect.Effect<void, AlreadyExists | NotFound | StoreUnavailable>
    readonly updateToken: (token: Token) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** Publishes a tariff, or a further version of it: versions count up from 1 without a gap. */
    readonly publishTariff: (tariff: Tariff) => Effect.Effect<void, AlreadyExists | StoreUnavailable>
    /** Retires a version from that instant on; one that is retired already stays so from its own. */
    readonly retireTariff: (version: {
      readonly id: string
      readonly version: number
      readonly atMs: number
    }) => Effect.Effect<void, NotFound | StoreUnavailable>
    /** Assigns a tariff, or none, to a slot from an instant on. Fails with what is not there, of what the slot or it names. */
    readonly assign: (assignment: Assignment) => Effect.Effect<void, NotFound | StoreUnavailable>
    readonly tariffDraft: (id: string) => Effect.Effect<TariffDraft | undefined, StoreUnavailable>
    /** Puts a draft in the place of the one of that tariff, if any. */
    readonly saveTariffDraft: (draft: TariffDraft) => Effect.Effect<void, StoreUnavailable>
    readonly dropTariffDraft: (id: string) => Effect.Effect<void, NotFound | StoreUnavailable>

    /** Lists in the order of their ids. */
    readonly stations: (page: PageRequest & StationFilter) => Effect.Effect<Page<Station>, StoreUnavailable>
    readonly drivers: (page: PageRequest) => Effect.Effect<Page<Driver>, StoreUnavailable>
    readonly groups: (page: PageRequest) => Effect.Effect<Page<DriverGroup>, StoreUnavailable>
    /** The drivers who are in a group now, by their ids. */
    readonly members: (
      page: PageRequest & { readonly groupId: string }
    ) => Effect.Effect<Page<Driver>, StoreUnavailable>
    readonly tokens: (
      page: PageRequest & { readonly driverId?: string }
    ) => Effect.Effect<Page<Token>, StoreUnavailable>
    readonly sites: (page: PageRequest) => Effect.Effect<Page<Site>, StoreUnavailable>
    /** The newest version of each. */
    readonly tariffs: (page: PageRequest) => Effect.Effect<Page<TariffVersion>, StoreUnavailable>
    readonly tariffDrafts: (page: PageRequest) => Effect.Effect<Page<TariffDraft>, StoreUnavailable>
    /** What slots have a tariff by their newest assignment, in the order of `slotKey`; those of one tariff where it is told. */
    readonly assigned: (
      page: PageRequest & { readonly tariffId?: string }
    ) => Effect.Effect<Page<Assignment>, StoreUnavailable>

    readonly apiKey: (secretHash: string) => Effect.Effect<ApiKey | undefined, StoreUnavailable>
    readonly createApiKey: (key: ApiKey) => Effect.Effect<void, AlreadyExists | StoreUnavailable>
    readonly hasApiKeys: Effect.Effect<boolean, StoreUnavailable>
    /** In the order of their ids, which is that of their making. */
    readonly apiKeys: (page: PageRequest) => Effect.Effect<Page<ApiKey>, StoreUnavailable>
    /** From then on its bearer is a stranger, on every node. Of several at the same moment, one key is always left. */
    readonly revokeApiKey: (id: string) => Effect.Effect<void, NotFound | LastApiKey | StoreUnavailable>
  }
>()("server/directory/Directory") {}
