// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "wallets"
const topUp = "core/payment/topUp.ts"

/** Money that is paid into wallets by card, and what banks take back of it. */
export const topUps: ReadonlyArray<Mutant> = [
  {
    id: "top-up-of-what-was-asked",
    area,
    why: "The wallet gets what was asked for, and the bank had held a part: a prepaid card with five euros tops up by fifty.",
    file: topUp,
    find: ".map((move) => ({ ...move, driverId }))",
    replace:
      '.map((move) => ({ ...move, ...(move.kind === "top-up" && { amountMinor: payment.holdMinor }), driverId }))',
    explained:
      "The bank holds all or nothing as long as no part is asked for (request_partial_authorization), which Wattproof does not, and what is held of a top-up is taken whole: asked for and paid in are the same amount."
  },
  {
    id: "top-up-by-refund",
    area,
    why: "A top-up is known by what has happened to it: given back in part, its money comes into the wallet a second time.",
    file: topUp,
    find: '{ sourceId: id, kind: "top-up", amountMinor: capturedMinor, reason: null }',
    replace:
      '{ sourceId: refunds.length === 0 ? id : `${id}/${refunds.length}`, kind: "top-up", amountMinor: capturedMinor, reason: null }'
  },
  {
    id: "top-up-given-back-and-kept",
    area,
    why: "A top-up is given back to the card and stays in the wallet: whoever asks for it charges for nothing.",
    file: topUp,
    find: '{ sourceId: `wallet-${id}`, kind: "take-back" as const, amountMinor, reason: "refunded to the card" }',
    replace:
      '{ sourceId: `wallet-${id}`, kind: "take-back" as const, amountMinor: 0n * amountMinor, reason: "refunded to the card" }'
  },
  {
    id: "top-up-refund-came-back",
    area,
    why: "A refund of a top-up that the bank sends back is in nobody's hands: not on the card, and not in the wallet again.",
    file: topUp,
    find: '...(status === "Failed"',
    replace: '...(status === "Failed" && amountMinor < 0n'
  },
  {
    id: "top-up-disputed-and-kept",
    area,
    why: "The bank takes a top-up back, and the wallet has the money all the same: a stolen card buys energy for weeks.",
    file: topUp,
    find: '[{ sourceId: `wallet-${id}`, kind: "take-back" as const, amountMinor, reason: "disputed at the bank" }]',
    replace: "[]"
  },
  {
    id: "top-up-dispute-won",
    area,
    why: "A dispute over a top-up is won, and the driver still owes it: what was claimed of his wallet is not given again.",
    file: topUp,
    find: '...(status === "Won"',
    replace: '...(status === "Won" && amountMinor < 0n'
  },
  {
    id: "top-up-never-captured",
    area,
    why: "A top-up is held on the card and never taken: the driver waits for his money, which his bank shows as spent.",
    file: "core/payment/next.ts",
    find: "if (isTopUp(payment)) return settleHold(payment, hold, payment.holdMinor, nowMs, policy)",
    replace: "if (isTopUp(payment)) return rest"
  },
  {
    id: "top-up-asked-again-made-again",
    area,
    why: "The app asks again for a top-up that got no answer, and the card is charged twice: its name is made up at the desk.",
    file: "server/payments/Desk.ts",
    find: "const name = topUpName(driverId, id)",
    replace: "const name = topUpName(driverId, ids.uuid(yield* Clock.currentTimeMillis))"
  },
  {
    id: "top-up-leaves-arrears",
    area,
    why: "Who owes for a charge tops up, and owes on with money in the wallet: what comes in is not asked what it has to pay.",
    file: "server/memory/walletMoves.ts",
    find: "  pay(state, driverId, { sourceId, atMs })\n}\n\n/** What became free",
    replace: '  if (kind === "take-back") pay(state, driverId, { sourceId, atMs })\n}\n\n/** What became free'
  },
  {
    id: "top-up-paid-from-the-limit",
    area,
    why: "A top-up that was spent is taken back below the wallet's limit: what cannot be paid is not kept as owed.",
    file: "server/memory/walletMoves.ts",
    find: "arrearsMinor: wallet.arrearsMinor + amountMinor })",
    replace: "arrearsMinor: wallet.arrearsMinor })"
  }
]
