import * as Instant from "#core/Instant.ts"
import type { IdTagInfo } from "#core/ocpp/v16/generated/schemas.ts"
import type { AuthorizationStatus } from "#core/token/authorize.ts"
import type { Judgement } from "../../station/StationOwner.ts"

/** 1.6 knows five statuses (section 7.2): a token nobody registered, or not for this station, is Invalid, one without credit Blocked. */
const status16: Readonly<Record<AuthorizationStatus, IdTagInfo["status"]>> = {
  Accepted: "Accepted",
  Blocked: "Blocked",
  Expired: "Expired",
  ConcurrentTx: "ConcurrentTx",
  Unknown: "Invalid",
  NotAtThisLocation: "Invalid",
  NoCredit: "Blocked"
}

/** idTagInfo as 1.6 answers it: the status, what the local cache may keep, and the group. */
export const idTagInfo = (judgement: Judgement): IdTagInfo => ({
  status: status16[judgement.status],
  ...(judgement.groupId !== null ? { parentIdTag: judgement.groupId.slice(0, 20) } : {}),
  ...(judgement.expiresAtMs !== null ? { expiryDate: Instant.format(judgement.expiresAtMs) } : {})
})
