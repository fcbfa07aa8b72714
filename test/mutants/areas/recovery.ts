import type { Mutant } from "../Mutant.ts"

const area = "recovery"
const group = "server/record/GroupCommit.ts"
const owner = "server/station/StationOwner.ts"

/** What survives a crash, a database that is away, a message that never comes. */
export const recovery: ReadonlyArray<Mutant> = [
  {
    id: "answer-before-commit",
    area,
    why: "A message is acknowledged when it is queued, and lost by kill -9: seen.",
    file: group,
    find: "queue.add(unit, (outcome) => done(answered(outcome)))\n          return undefined",
    replace: "queue.add(unit, () => {})\n          return answered(Exit.void)"
  },
  {
    id: "failed-save-acknowledged",
    area,
    why: "MeterValues and stops are acknowledged although saving failed: seen in two systems.",
    file: group,
    find: "const write = patiently(journal.commit(batch.map((waiting) => waiting.unit)))",
    replace:
      'const write = Effect.catch(journal.commit(batch.map((waiting) => waiting.unit)), () => Effect.succeed(batch.map(() => "Committed" as const)))'
  },
  {
    id: "unknown-outcome-refused",
    area,
    why: "A commit of unknown outcome that had been made is told as an error when it is repeated, and memory forgets it.",
    file: group,
    find: '    sometimes("a commit of unknown outcome was repeated")\n    return Exit.void',
    replace: '    sometimes("a commit of unknown outcome was repeated")\n    return Exit.die("written already")'
  },
  {
    id: "batch-cut-short",
    area,
    why: "Of a batch that failed only the first half is written again.",
    file: group,
    find: "Effect.retry(backOff),\n        Effect.orDie",
    replace: "Effect.retry({ schedule: backOff, times: 1 }),\n        Effect.orDie"
  },
  {
    id: "claim-overtakes",
    area,
    why: "A connection loads its station before what the old one still had queued is written, and works on the past.",
    file: "server/record/CommitQueue.ts",
    find: "      if (claim.after > this.taken) break\n",
    replace: "",
    explained:
      "A claim that overtakes raises the epoch, and what the old connection still had queued is fenced by it: neither written nor answered, so the station tells it again on its new connection. The line spares that, and no promise rests on it."
  },
  {
    id: "boot-answer-forgotten",
    area,
    why: "What a station was answered at its boot is known to the process that answered: the next one takes a station that was turned away for let in, by what it told before.",
    file: "server/station/standing.ts",
    find: "boot?.answered ?? (",
    replace: "("
  },
  {
    id: "no-fence",
    area,
    why: "A node that a station has left still writes what it had queued, over what the next one has written: split brain.",
    file: "server/memory/commit.ts",
    find: "if (unit.epoch !== null && unit.epoch !== state.epochs.get(unit.stationId)) {",
    replace: "if (unit.epoch !== null && unit.epoch > (state.epochs.get(unit.stationId) ?? 0)) {"
  },
  {
    id: "no-fence-in-sql",
    area,
    why: "The same on PostgreSQL, whose function only refuses an epoch that nobody has claimed yet.",
    file: "server/sql/migrations/0002_journal.ts",
    find: "where e.epoch is distinct from u.epoch",
    replace: "where e.epoch < u.epoch",
    store: "postgres"
  },
  {
    id: "epoch-of-the-other-node",
    area,
    why: "Two nodes own one station: a claim takes the epoch that is there, and neither is told that it is over.",
    file: "server/memory/journal.ts",
    find: "const epoch = (state.epochs.get(stationId) ?? 0) + 1",
    replace: "const epoch = Math.max(1, state.epochs.get(stationId) ?? 0)"
  },
  {
    id: "taken-claim-not-missed",
    area,
    why: "A second socket takes a station over at another node and hangs up: the station's own is up, and it is shown as offline for good.",
    file: "server/ocpp/ClaimWatch.ts",
    find: "(yield* journal.lost(claims))",
    replace: "([] as ReadonlyArray<LostClaim>)"
  },
  {
    id: "numbers-from-1",
    area,
    why: "Transaction ids begin at 1 again after a restart: two cars have one number.",
    file: "server/station/Numbers.ts",
    find: "patiently(journal.allocateNumbers(blockSize))",
    replace: "Effect.as(patiently(journal.allocateNumbers(blockSize)), 1)"
  },
  {
    id: "refold-loses-numbers",
    area,
    why: "A transaction read back after a restart has forgotten which seqNos its readings came with: it never is complete.",
    file: "server/record/stored.ts",
    find: "samples: group, seqNo: group[0]!.seqNo }",
    replace: "samples: group, seqNo: null }"
  },
  {
    id: "last-readings-not-read-back",
    area,
    why: "After a restart the readings behind the last fact are missing, so a running charge loses its newest energy.",
    file: "server/record/stored.ts",
    find: "  while (next < samples.length) {\n    const end",
    replace: "  while (next < samples.length && facts.length === 0) {\n    const end"
  },
  {
    id: "superseded-stays-open",
    area,
    why: "A charge whose stop was lost stays open for ever, although the next car charges at its connector.",
    file: "server/station/statusFacts.ts",
    find: "other.id !== id && other.connectorId === connectorId && beginAtMs(other) < atMs",
    replace: "other.id === id && other.connectorId === connectorId && beginAtMs(other) < atMs"
  },
  {
    id: "supersedes-the-younger",
    area,
    why: "An old start replayed from an offline queue closes the charge that runs now.",
    file: "server/station/statusFacts.ts",
    find: "other.connectorId === connectorId && beginAtMs(other) < atMs",
    replace: "other.connectorId === connectorId"
  },
  {
    id: "supersedes-the-neighbour",
    area,
    why: "A start on one EVSE closes what runs on the other: one transaction per station, as in early systems.",
    file: "server/station/statusFacts.ts",
    find: "holdings\n    .openAt(evseId)\n    .filter",
    replace: "holdings\n    .open()\n    .filter"
  },
  {
    id: "late-start-behind-one-that-is-over",
    area,
    why: "A start told late stays open although the next charge there is over, and what is read there is billed as its own.",
    file: "server/station/letGo.ts",
    find: 'if (kind !== "Started" || holdings.isSetBack(message, message)) return',
    replace: "if (kind !== undefined) return"
  },
  {
    id: "free-connector-stays-open",
    area,
    why: "A connector reports Available and its charge stays open: the lost stop is never noticed.",
    file: "server/station/statusFacts.ts",
    find: 'return close(transaction, { atMs, receivedAtMs: nowMs, why: "connector-free" })',
    replace: "return []"
  },
  {
    id: "old-status-closes",
    area,
    why: "An Available from before the start, that comes late, closes the charge that has begun since.",
    file: "server/station/statusFacts.ts",
    find: "  if (atMs < beginAtMs(transaction)) return []\n",
    replace: ""
  },
  {
    id: "late-stop-of-closed",
    area,
    why: "A stop that comes after we had closed the charge is acknowledged and ignored.",
    file: "core/transaction/decide.ts",
    find: 'if (report.kind === "Ended" && transaction.ended === null) {',
    replace: 'if (report.kind === "Ended" && transaction.ended === null && transaction.closed === null) {'
  },
  {
    id: "memory-before-books",
    area,
    why: "Memory is changed before the commit, and stays changed when there is none.",
    file: owner,
    find: "active.settle(uid, after, isCommitted)\n      if (!isCommitted) return\n",
    replace: "active.settle(uid, after, isCommitted)\n"
  },
  {
    id: "no-database-no-credit",
    area,
    why: "Where the database is away, a wallet is taken for empty, and a driver with money is sent home.",
    file: "server/wallet/Funds.ts",
    find: "patiently(store.peek({ tokenUid, driverId, currency, startedAtMs: atMs }, policy)),",
    replace:
      'Effect.orElseSucceed(store.peek({ tokenUid, driverId, currency, startedAtMs: atMs }, policy), () => ({ _tag: "Refused" as const })),'
  },
  {
    id: "lost-write-of-a-payment-given-up",
    area,
    why: "A decision on a payment whose commit failed is taken for overtaken, and what it was about is forgotten.",
    file: "server/payments/Payments.ts",
    find: "    const outcome = yield* patiently(store.commit(change))\n",
    replace: '    const outcome = yield* Effect.orElseSucceed(store.commit(change), () => "Committed" as const)\n',
    explained:
      "The next step loads the payment anew, finds nothing of what was given up, and comes to it again, under the same key at the provider. Only a death of the server right behind it would show."
  },
  {
    id: "looks-at-payments-until-the-first-error",
    area,
    why: "The loop that moves payments on ends with the first connection that is lost, and nobody starts it again.",
    file: "server/payments/Worker.ts",
    find: '        for (const id of yield* patiently(store.claim(nowMs, nowMs + leaseMs, claimLimit))) move(id)\n      }).pipe(Effect.catchCause((cause) => Effect.logError("payments could not be looked at", cause)))',
    replace:
      "        for (const id of yield* store.claim(nowMs, nowMs + leaseMs, claimLimit)) move(id)\n      }).pipe(Effect.orDie)"
  },
  {
    id: "given-up-and-parked",
    area,
    why: "What an operator closed, and was billed, takes in no state any more: who parked there does so for nothing.",
    file: "server/station/statusFacts.ts",
    find: "transaction.ended === null && !isGivenUp(transaction)) return []",
    replace: "transaction.ended === null) return []"
  },
  {
    id: "given-up-and-read",
    area,
    why: "What a 1.6 station tells without an id of a charge that an operator closed is nobody's.",
    file: "server/station/Holdings.ts",
    find: "return [...this.open(), ...this.givenUp()]",
    replace: "return this.open()"
  }
]
