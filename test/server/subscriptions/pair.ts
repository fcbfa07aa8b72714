import { type Context, Effect, Layer, Redacted } from "effect"
import { Ids } from "#core/Ids.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import { connect } from "#server/postgres/Database.ts"
import type { Address } from "#server/postgres/Launcher.ts"
import * as Server from "#server/Server.ts"
import { layerMigrated } from "#server/sql/Sql.ts"
import { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import { StripeStub } from "#test/support/stripe.ts"
import type { Lived } from "../payments/world.ts"

/** How often two nodes wrote what a decision came to, and how often one was too late. */
export class Meetings {
  stale = 0
  written = 0

  tell(outcome: unknown): void {
    if (outcome === "Stale") this.stale++
    else this.written++
  }
}

export interface Node {
  readonly name: string
  readonly services: Context.Context<Lived>
  readonly fees: Meetings
  readonly debts: Meetings
}

/** Two servers on one PostgreSQL, each with connections of its own, and the provider that both ask. */
export interface Pair {
  readonly stripe: StripeStub
  readonly nodes: readonly [Node, Node]
  /** The same at the same instant on both. */
  readonly both: <A, E>(work: Effect.Effect<A, E, Lived>) => Effect.Effect<ReadonlyArray<A>, E>
}

/** Counts what comes of the node's commits. */
const counted = (fees: Meetings, debts: Meetings) =>
  Layer.merge(
    Layer.effect(
      SubscriptionStore,
      Effect.map(SubscriptionStore, (store) =>
        SubscriptionStore.of({
          ...store,
          commit: (change) => Effect.tap(store.commit(change), (outcome) => Effect.sync(() => fees.tell(outcome)))
        })
      )
    ),
    Layer.effect(
      DebtStore,
      Effect.map(DebtStore, (store) =>
        DebtStore.of({
          ...store,
          commit: (change) => Effect.tap(store.commit(change), (outcome) => Effect.sync(() => debts.tell(outcome)))
        })
      )
    )
  )

/** What the nodes' own clocks do: looks at what is due, or nothing at all where the test calls both. */
export type Clocks = "by their clocks" | "by call"

export const pairOf = Effect.fnUntraced(function* (address: Address, clocks: Clocks, nowMs: () => number) {
  const stripe = new StripeStub(nowMs)
  const poll = clocks === "by their clocks" ? "3 hours" : "1000 days"
  const start = Effect.fnUntraced(function* (name: string) {
    const database = yield* Effect.orDie(connect({ target: { _tag: "Embedded", ...address }, maxConnections: 4 }))
    const [fees, debts] = [new Meetings(), new Meetings()]
    const provider = StripeProvider.layer({
      secretKey: Redacted.make("sk_test_1"),
      webhookSecret: Redacted.make(stripe.secret),
      apiBase: "http://stripe.test:12111",
      exchange: stripe.exchange
    })
    const stores = counted(fees, debts).pipe(
      Layer.provideMerge(Layer.orDie(layerMigrated)),
      Layer.provide(Layer.succeedContext(database))
    )
    const server = Server.layer({
      heartbeatSeconds: 300,
      payments: { provider, poll, reconcileEvery: "1000 days" },
      collections: { poll }
    }).pipe(Layer.provideMerge(Layer.merge(stores, Ids.layerSeeded(name))))
    return { name, services: yield* Layer.build(server), fees, debts } satisfies Node
  })
  const nodes = [yield* start("node a"), yield* start("node b")] as const
  return {
    stripe,
    nodes,
    both: (work) =>
      Effect.all(
        nodes.map(({ services }) => Effect.provideContext(work, services)),
        { concurrency: "unbounded" }
      )
  } satisfies Pair
})
