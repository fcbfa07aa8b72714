import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { canonicalUid } from "#core/token/Token.ts"
import { type Budget, type BudgetState, periodAt, usedOf } from "#core/wallet/Budget.ts"
import type { Charge } from "#core/wallet/Charge.ts"
import { type Bounds, chargeOf, raise, reserve, type Start } from "#core/wallet/reserve.ts"
import { freedId } from "#core/wallet/settle.ts"
import { freeOf, type Movement, type Wallet } from "#core/wallet/Wallet.ts"
import { AlreadyExists, NotFound } from "../directory/Directory.ts"
import { type Moved, WalletStore } from "../wallet/WalletStore.ts"
import { instant, msOf } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { isDangling, isDuplicate, isSqlError, orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const selectWallet = "select * from wallets where driver_id = $1"
const selectBudgets = "select * from budgets where token_uid = $1 order by period"
const selectCharges = `select * from limited_charges where token_uid = $1 and started_at >= $2 and started_at < $3
  order by started_at, key`

const insertCharge = `insert into limited_charges (key, transaction_id, token_uid, driver_id, currency, started_at,
    accepted, held_minor, held_wh, paid_minor, touched_at)
  values ($1, $2::uuid, $3, $4, $5, $6, $7, $8::bigint, $9, 0, $10)`

/** Of starts that the books know nothing of; locked in the order of their wallets. */
/** Of no charge that runs or waits for its bill. */
const ofNoneLive = `not exists (select from transactions t
  where t.id = c.transaction_id and (t.status = 'Open' or t.settle_at is not null))`

const selectStale = `select key, driver_id, held_minor from limited_charges c
  where revision is null and touched_at < $1 and ${ofNoneLive}
  order by driver_id, key limit $2`

/** What was set aside under a name that did not come into the books, where the charge itself did under another. */
const renameStale = `update limited_charges c set transaction_id = t.id from transactions t
  where c.revision is null and c.touched_at < $1
    and not exists (select from transactions named where named.id = c.transaction_id)
    and t.token_uid = c.token_uid
    and c.key = t.station_id || '|' || coalesce(t.start_key, t.ocpp_id) || '|' || t.token_uid`

const countPast = `insert into limited_charges (key, transaction_id, token_uid, driver_id, currency, started_at, accepted,
    held_minor, held_wh, paid_minor, owed_minor, energy_wh, revision, touched_at)
  select t.station_id || '|' || coalesce(t.start_key, t.ocpp_id) || '|' || t.token_uid, t.id, t.token_uid, null, c.currency,
    t.started_at, t.authorization_status = 'Accepted', 0, 0, 0, c.gross_minor, c.energy_wh, 0, $3
  from transactions t join cdrs c on c.id = t.cdr_id
  where t.token_uid = $1 and t.started_at >= $2
  on conflict (key) do nothing`

const upsertBudget = `insert into budgets (token_uid, period, time_zone, currency, max_minor, max_wh, max_sessions,
    at_limit, set_at)
  values ($1, $2, $3, $4, $5::bigint, $6, $7, $8, $9)
  on conflict (token_uid, period) do update set time_zone = excluded.time_zone, currency = excluded.currency,
    max_minor = excluded.max_minor, max_wh = excluded.max_wh, max_sessions = excluded.max_sessions,
    at_limit = excluded.at_limit, set_at = excluded.set_at`

/** Wallets on PostgreSQL. */
export const layer: Layer.Layer<WalletStore, never, SqlClient> = Layer.effect(
  WalletStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => sql.unsafe<Row>(text, params)
    const one = <A>(text: string, params: ReadonlyArray<unknown>, decode: (row: Row) => A) =>
      Effect.map(rows(text, params), ([row]) => (row === undefined ? undefined : decode(row)))
    const missing = (driverId: string) => new NotFound({ kind: "wallet", id: driverId })
    const lockWallet = (driverId: string) => one(`${selectWallet} for no key update`, [driverId], walletFrom)

    const budgetsAt = Effect.fnUntraced(function* (tokenUid: string, atMs: number, lock: string) {
      const states: Array<BudgetState> = []
      for (const row of yield* rows(`${selectBudgets}${lock}`, [tokenUid])) {
        const budget = budgetFrom(row)
        const { fromMs, untilMs } = periodAt(budget, atMs)
        const charges = yield* rows(selectCharges, [tokenUid, instant(fromMs), instant(untilMs)])
        states.push(usedOf(budget, charges.map(chargeFrom), atMs))
      }
      return states
    })

    /** The wallet first, then the budgets: whoever locks both does so in this order. */
    const boundsOf = Effect.fnUntraced(function* (
      { tokenUid, driverId }: Pick<Start, "tokenUid" | "driverId">,
      atMs: number,
      lock: "" | " for no key update"
    ) {
      const wallet = driverId === null ? undefined : yield* one(`${selectWallet}${lock}`, [driverId], walletFrom)
      return { wallet, budgets: yield* budgetsAt(tokenUid, atMs, lock) } satisfies Bounds
    })

    const chargeOfKey = (key: string) => one("select * from limited_charges where key = $1", [key], chargeFrom)

    const hold = (driverId: string | null, byMinor: bigint) =>
      driverId === null || byMinor === 0n
        ? Effect.void
        : rows("update wallets set held_minor = held_minor + $2::bigint where driver_id = $1", [
            driverId,
            String(byMinor)
          ])

    return WalletStore.of({
      open: ({ driverId, currency, creditLineMinor, openedAtMs }) =>
        orUnavailable(
          Effect.mapError(
            Effect.asVoid(
              rows(
                `insert into wallets (driver_id, currency, credit_line_minor, opened_at, balance_minor, held_minor,
                   arrears_minor, movements) values ($1, $2, $3::bigint, $4, 0, 0, 0, 0)`,
                [driverId, currency, String(creditLineMinor), instant(openedAtMs)]
              )
            ),
            (error) =>
              isSqlError(error) && isDuplicate(error)
                ? new AlreadyExists({ kind: "wallet", id: driverId })
                : isSqlError(error) && isDangling(error)
                  ? new NotFound({ kind: "driver", id: driverId })
                  : error
          )
        ),
      setCreditLine: (driverId, creditLineMinor, atMs) =>
        orUnavailable(
          sql.withTransaction(
            Effect.gen(function* () {
              const wallet = yield* lockWallet(driverId)
              if (wallet === undefined) return yield* missing(driverId)
              if (freeOf({ ...wallet, creditLineMinor }) < 0n) return false
              yield* rows("update wallets set credit_line_minor = $2::bigint where driver_id = $1", [
                driverId,
                String(creditLineMinor)
              ])
              yield* rows("select pay_arrears($1, $2, $3)", [driverId, freedId(wallet), instant(atMs)])
              return true
            })
          )
        ),
      get: (driverId) => orUnavailable(one(selectWallet, [driverId], walletFrom)),
      list: ({ limit, cursor }) => {
        const where = new Conditions()
        if (cursor !== undefined) where.and((at) => `driver_id > ${at}`, cursor)
        const query = `select * from wallets where ${where.text} order by driver_id limit ${where.add(limit + 1)}`
        return Effect.map(orUnavailable(rows(query, where.params)), (found) =>
          pageFrom(found.map(walletFrom), limit, ({ driverId }) => driverId)
        )
      },
      movements: (driverId, { limit, cursor }) => {
        const where = new Conditions()
        where.equal("driver_id", driverId)
        if (cursor !== undefined) where.and((at) => `seq < ${at}::integer`, Number(cursor))
        const query = `select * from wallet_movements where ${where.text} order by seq desc limit ${where.add(limit + 1)}`
        return Effect.map(orUnavailable(rows(query, where.params)), (found) =>
          pageFrom(found.map(movementFrom), limit, ({ seq }) => String(seq))
        )
      },
      move: (driverId, { kind, amountMinor, sourceId, transactionId, reason, atMs }, provider) =>
        orUnavailable(
          sql.withTransaction(
            Effect.gen(function* () {
              const wallet = yield* lockWallet(driverId)
              if (wallet === undefined) return yield* missing(driverId)
              const before = yield* one("select * from wallet_movements where source_id = $1", [sourceId], movementFrom)
              if (before !== undefined) {
                const isSame =
                  before.driverId === driverId && before.kind === kind && before.amountMinor === amountMinor
                return isSame ? ("Repeated" satisfies Moved) : ("Contradicted" satisfies Moved)
              }
              if (amountMinor < 0n && -amountMinor > freeOf(wallet)) return "Short" satisfies Moved
              yield* rows("select move_wallet($1, $2, $3::bigint, $4, $5::uuid, $6, $7, $8)", [
                driverId,
                kind,
                String(amountMinor),
                sourceId,
                transactionId,
                reason,
                instant(atMs),
                provider
              ])
              yield* rows("select pay_arrears($1, $2, $3)", [driverId, sourceId, instant(atMs)])
              return "Moved" satisfies Moved
            })
          )
        ),
      claim: (driverId, { sourceId, owedMinor, reason, atMs }) =>
        orUnavailable(
          Effect.asVoid(
            rows("select move_paid_wallet($1, 'take-back', $2::bigint, $3, $4, $5, null)", [
              driverId,
              String(owedMinor),
              sourceId,
              reason,
              instant(atMs)
            ])
          )
        ),
      peek: (start, policy) =>
        Effect.map(orUnavailable(boundsOf(start, start.startedAtMs, "")), (bounds) =>
          reserve(bounds, start.currency, policy)
        ),
      reserve: (start, policy, atMs) =>
        orUnavailable(
          sql.withTransaction(
            Effect.gen(function* () {
              const bounds = yield* boundsOf(start, start.startedAtMs, " for no key update")
              const there = yield* chargeOfKey(start.key)
              if (there !== undefined) {
                if (there.owed === null)
                  yield* rows("update limited_charges set transaction_id = $2::uuid where key = $1", [
                    start.key,
                    start.transactionId
                  ])
                const charge = there.owed === null ? { ...there, transactionId: start.transactionId } : there
                return { charge, why: charge.accepted ? null : refusedBefore }
              }
              const reservation = reserve(bounds, start.currency, policy)
              const charge = chargeOf(start, bounds, reservation, atMs)
              yield* rows(insertCharge, [
                charge.key,
                charge.transactionId,
                charge.tokenUid,
                charge.driverId,
                charge.currency,
                instant(charge.startedAtMs),
                charge.accepted,
                String(charge.heldMinor),
                charge.heldWh,
                instant(charge.touchedAtMs)
              ])
              yield* hold(charge.driverId, charge.heldMinor)
              return { charge, why: reservation._tag === "Accepted" ? null : reservation.why }
            })
          )
        ),
      raise: (key, wanted, atMs) =>
        orUnavailable(
          sql.withTransaction(
            Effect.gen(function* () {
              const seen = yield* chargeOfKey(key)
              if (seen === undefined || seen.owed !== null) return undefined
              const bounds = yield* boundsOf(seen, seen.startedAtMs, " for no key update")
              const charge = yield* one(
                "select * from limited_charges where key = $1 for no key update",
                [key],
                chargeFrom
              )
              if (charge === undefined || charge.owed !== null) return undefined
              const held = raise(bounds, charge, wanted)
              yield* rows(
                "update limited_charges set held_minor = $2::bigint, held_wh = $3, touched_at = $4 where key = $1",
                [key, String(held.minor), held.wh, instant(atMs)]
              )
              yield* hold(charge.driverId, held.minor - charge.heldMinor)
              return { ...charge, heldMinor: held.minor, heldWh: held.wh, touchedAtMs: atMs }
            })
          )
        ),
      charge: (key) => orUnavailable(chargeOfKey(key)),
      charges: (tokenUid, fromMs, untilMs) =>
        Effect.map(orUnavailable(rows(selectCharges, [tokenUid, instant(fromMs), instant(untilMs)])), (found) =>
          found.map(chargeFrom)
        ),
      release: (beforeMs, limit) =>
        orUnavailable(
          sql.withTransaction(
            Effect.gen(function* () {
              let released = 0
              yield* rows(renameStale, [instant(beforeMs)])
              for (const stale of yield* rows(selectStale, [instant(beforeMs), limit])) {
                const driverId = stale["driverId"] as string | null
                const wallet = driverId === null ? undefined : yield* lockWallet(driverId)
                const [gone] = yield* rows(
                  `delete from limited_charges c where key = $1 and revision is null and touched_at < $2
                     and ${ofNoneLive}
                   returning driver_id, held_minor`,
                  [stale["key"], instant(beforeMs)]
                )
                if (gone === undefined) continue
                yield* hold(driverId, -(gone["heldMinor"] as bigint))
                if (wallet !== undefined)
                  yield* rows("select pay_arrears($1, $2, $3)", [driverId, freedId(wallet), instant(beforeMs)])
                released++
              }
              return released
            })
          )
        ),
      isInUse: Effect.map(
        orUnavailable(rows("select exists (select from limited_charges where revision is null) as used", [])),
        ([row]) => row!["used"] as boolean
      ),
      putBudget: (budget) =>
        orUnavailable(
          sql.withTransaction(
            Effect.gen(function* () {
              const tokenUid = canonicalUid(budget.tokenUid)
              yield* Effect.mapError(rows(upsertBudget, budgetParams({ ...budget, tokenUid })), (error) =>
                isSqlError(error) && isDangling(error) ? new NotFound({ kind: "token", id: tokenUid }) : error
              )
              const { fromMs } = periodAt({ ...budget, period: "month" }, budget.setAtMs)
              yield* rows(countPast, [tokenUid, instant(fromMs), instant(budget.setAtMs)])
            })
          )
        ),
      removeBudget: (tokenUid, period) =>
        orUnavailable(
          Effect.flatMap(
            rows("delete from budgets where token_uid = $1 and period = $2 returning period", [tokenUid, period]),
            (gone) =>
              gone.length === 0
                ? Effect.fail(new NotFound({ kind: "budget", id: `${tokenUid} ${period}` }))
                : Effect.void
          )
        ),
      budgets: (tokenUid, atMs) => orUnavailable(budgetsAt(tokenUid, atMs, ""))
    })
  })
)

const refusedBefore = "It was refused before."

/** bigint columns come as BigInt. */
const big = (value: unknown): bigint => BigInt(value as bigint)

const walletFrom = (row: Row): Wallet => ({
  driverId: row["driverId"] as string,
  currency: row["currency"] as string,
  creditLineMinor: big(row["creditLineMinor"]),
  openedAtMs: msOf(row["openedAt"] as Date),
  balanceMinor: big(row["balanceMinor"]),
  heldMinor: big(row["heldMinor"]),
  arrearsMinor: big(row["arrearsMinor"]),
  movements: row["movements"] as number
})

const movementFrom = (row: Row): Movement => ({
  driverId: row["driverId"] as string,
  seq: row["seq"] as number,
  kind: row["kind"] as Movement["kind"],
  amountMinor: big(row["amountMinor"]),
  balanceMinor: big(row["balanceMinor"]),
  sourceId: row["sourceId"] as string,
  transactionId: row["transactionId"] as string | null,
  reason: row["reason"] as string | null,
  atMs: msOf(row["at"] as Date)
})

const chargeFrom = (row: Row): Charge => ({
  key: row["key"] as string,
  transactionId: row["transactionId"] as string,
  tokenUid: row["tokenUid"] as string,
  driverId: row["driverId"] as string | null,
  currency: row["currency"] as string,
  startedAtMs: msOf(row["startedAt"] as Date),
  accepted: row["accepted"] as boolean,
  heldMinor: big(row["heldMinor"]),
  heldWh: Number(row["heldWh"]),
  paidMinor: big(row["paidMinor"]),
  owed:
    row["revision"] === null
      ? null
      : {
          owedMinor: big(row["owedMinor"]),
          energyWh: Number(row["energyWh"]),
          revision: row["revision"] as number
        },
  touchedAtMs: msOf(row["touchedAt"] as Date)
})

const budgetFrom = (row: Row): Budget => ({
  tokenUid: row["tokenUid"] as string,
  period: row["period"] as Budget["period"],
  timeZone: row["timeZone"] as string,
  currency: row["currency"] as string,
  maxMinor: row["maxMinor"] === null ? null : big(row["maxMinor"]),
  maxWh: row["maxWh"] === null ? null : Number(row["maxWh"]),
  maxSessions: row["maxSessions"] as number | null,
  atLimit: row["atLimit"] as Budget["atLimit"],
  setAtMs: msOf(row["setAt"] as Date)
})

const budgetParams = (budget: Budget): ReadonlyArray<unknown> => [
  budget.tokenUid,
  budget.period,
  budget.timeZone,
  budget.currency,
  budget.maxMinor === null ? null : String(budget.maxMinor),
  budget.maxWh,
  budget.maxSessions,
  budget.atLimit,
  instant(budget.setAtMs)
]
