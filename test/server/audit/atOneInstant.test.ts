import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { auditBooks } from "#server/audit/audit.ts"
import { Books } from "#server/books/Books.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { atOneInstant } from "#server/postgres/atOneInstant.ts"
import { connect } from "#server/postgres/Database.ts"
import { layerMigrated, migrations } from "#server/sql/Sql.ts"
import { entry } from "#test/contract/ports/makers.ts"
import { freshDatabase } from "#test/support/postgres.ts"

const bookedLate = (n: number) => entry(`01900000-0000-7000-8000-00000000000${n}`, `late-${n}`)

it.live("an audit of a server that books on sees one instant: what comes between two reads breaks nothing", () =>
  Effect.gen(function* () {
    const target = { _tag: "Embedded", ...(yield* freshDatabase(migrations)) } as const
    const storesOn = (oneConnection: boolean) =>
      Layer.build(Layer.provideMerge(layerMigrated, Layer.effectContext(connect({ target, oneConnection }))))
    const serving = yield* storesOn(false)
    const auditing = yield* storesOn(true)
    let booked = 0
    const book = Effect.flatMap(PaymentStore, (store) => store.closeEvent(`evt_${booked}`, [bookedLate(++booked)], 0))
    /** Somebody books between the reading of the entries and that of the balances. */
    const disturbed = Effect.updateService(Books, (books) =>
      Books.of({ ...books, balances: Effect.andThen(Effect.provideContext(book, serving), books.balances) })
    )
    const balancesHold = Effect.map(disturbed(auditBooks()), (results) =>
      results.some(({ id, checked, violated }) => id === "I3" && checked > 0 && violated === 0)
    )
    assert.isFalse(yield* Effect.provideContext(balancesHold, auditing))
    assert.isTrue(yield* Effect.provideContext(atOneInstant(balancesHold), auditing))
    assert.strictEqual(booked, 2)
  })
)
