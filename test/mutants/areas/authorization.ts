import type { Mutant } from "../Mutant.ts"

const area = "authorization"
const authorize = "core/token/authorize.ts"
const active = "server/station/ActiveTokens.ts"

/** Who may charge, and who may stop. */
export const authorization: ReadonlyArray<Mutant> = [
  {
    id: "expiry-day",
    area,
    why: "An expired card charges for another day: its expiry is taken for a date, as in card exports that know no hours.",
    file: authorize,
    find: "place.atMs >= token.expiresAtMs)",
    replace: "place.atMs >= token.expiresAtMs + 86_400_000)"
  },
  {
    id: "block-delay",
    area,
    why: "A blocked card goes on charging for a quarter of an hour, as where a block waits for the next export to the site.",
    file: authorize,
    find: "place.atMs >= token.blockedAtMs)",
    replace: "place.atMs >= token.blockedAtMs + 900_000)"
  },
  {
    id: "unknown-accepted",
    area,
    why: "A card that nobody registered may charge: a look-up that finds nothing counts as nothing against it.",
    file: authorize,
    find: 'if (token === undefined) return "Unknown"',
    replace: 'if (token === undefined) return "Accepted"'
  },
  {
    id: "limit-off-by-one",
    area,
    why: "A card for one charge at a time runs two: the limit is compared with greater instead of greater or equal.",
    file: authorize,
    find: "request.openTransactions >= limit",
    replace: "request.openTransactions > limit"
  },
  {
    id: "limit-counts-itself",
    area,
    why: "A limited card is refused without cause: the charge that is asked about counts as one that runs already.",
    file: "server/station/StationOwner.ts",
    find: "this.services.active.count(uid, except)",
    replace: "this.services.active.count(uid, null) + (except === null ? 0 : 1)"
  },
  {
    id: "place-kept",
    area,
    why: "A limited card is locked out for ever after its first charge, because the counter is not lowered at the end.",
    file: active,
    find: "          taken.begun.delete(begun.id)\n",
    replace: '          if (begun.id === "") taken.begun.delete(begun.id)\n'
  },
  {
    id: "limit-forgets-at-restart",
    area,
    why: "After a restart a limited card may charge a second time: the counter in memory begins at nothing.",
    file: active,
    find: "new Set(inBooks)",
    replace: "new Set(inBooks.slice(inBooks.length))"
  },
  {
    id: "refused-charge-has-no-place",
    area,
    why: "A card refused for its limit charges at that station all the same, and at a third one too: only what was let in is counted.",
    file: "server/memory/commit.ts",
    find: 'const is = row.status === "Open" ? row.token?.uid : undefined',
    replace: 'const is = row.status === "Open" && row.authorization === "Accepted" ? row.token?.uid : undefined'
  },
  {
    id: "bad-card-told-busy",
    area,
    why: "A card that is blocked and has a limit is told that it charges elsewhere: the limit is looked at for every answer.",
    file: authorize,
    find: 'if (standing !== "Accepted") return standing',
    replace:
      'if (standing !== "Accepted") return standing === "Blocked" && token.concurrencyLimit !== null ? "ConcurrentTx" : standing'
  },
  {
    id: "group-ignored",
    area,
    why: "A card of the same family or fleet stops a charge and is noted as a stranger's: parentIdTag is not looked at.",
    file: authorize,
    find: "starter.uid === stopper.uid || (starter.groupId !== null && starter.groupId === stopper.groupId)",
    replace: "starter.uid === stopper.uid"
  },
  {
    id: "no-group-is-a-group",
    area,
    why: "Any card without a group stops any other without one: null equals null.",
    file: authorize,
    find: "(starter.groupId !== null && starter.groupId === stopper.groupId)",
    replace: "starter.groupId === stopper.groupId"
  },
  {
    id: "judged-by-arrival",
    area,
    why: "An offline start is judged when it arrives, so a card blocked since never pays for what it lawfully charged.",
    file: "server/station/StationOwner.ts",
    find: "message.judgedAtMs ?? message.atMs",
    replace: "message.receivedAtMs"
  },
  {
    id: "judged-by-the-stations-clock",
    area,
    why: "Who scans the code on a station whose clock is two hours ahead is told that the token just made has expired.",
    file: "server/station/StationOwner.ts",
    find: "message.judgedAtMs ?? message.atMs",
    replace: "message.atMs"
  },
  {
    id: "uid-case",
    area,
    why: "A reader that writes uids in lower case has all its cards refused: idTag compares without regard to case.",
    file: "core/token/Token.ts",
    find: "uid.trim().toUpperCase()",
    replace: "uid.trim()"
  },
  {
    id: "concurrent-unbilled",
    area,
    why: "A card over its limit that charges all the same, offline, is never billed: every refusal counts as not owed.",
    file: authorize,
    find: 'status === "Accepted" || status === "ConcurrentTx"',
    replace: 'status === "Accepted"'
  },
  {
    id: "repeat-judged-anew",
    area,
    why: "A start whose answer was lost is refused the second time, because its card has a second charge by now.",
    file: "server/station/Judgement.ts",
    find: "return authorized.token.uid === judgement.presented.uid ? { ...judgement, status: authorized.status } : judgement",
    replace: "return judgement"
  },
  {
    id: "blocked-billed",
    area,
    why: "Energy drawn on a card that was blocked or expired is billed to its holder: the answer was given, the bill made.",
    file: "core/transaction/assess.ts",
    find: "billable: authorized !== null && isBillable(authorized.status) && pricedBy(transaction) !== null",
    replace: "billable: authorized !== null && pricedBy(transaction) !== null"
  },
  {
    id: "stations-ignored",
    area,
    why: "A card for the employer's own stations charges everywhere: the list of stations is kept and never read.",
    file: authorize,
    find: "token.allowedStations !== null && !token.allowedStations.includes(place.stationId)",
    replace: "token.allowedStations !== null && token.allowedStations.length === 0"
  }
]
