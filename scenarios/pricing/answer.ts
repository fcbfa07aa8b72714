import { Result } from "effect"
import { checkAnswer } from "./checkAnswer.ts"
import { extensionAnswer, namesRounding } from "./extensionAnswer.ts"
import { ocppCostAnswer } from "./ocppCostAnswer.ts"
import { type Answer, type PriceFile, type Refused, readPriceFile } from "./PriceFile.ts"
import { ratingAnswer } from "./ratingAnswer.ts"
import { segmentationAnswer } from "./segmentation.ts"
import { verifyAnswer } from "./verifyAnswer.ts"

/** Answers one file's text; a file that cannot be read or asks for something unknown is refused with its place. */
export const answerOf = (text: string): Result.Result<Answer, Refused> => Result.flatMap(readPriceFile(text), answer)

const answer = ({ kind, json }: PriceFile): Result.Result<Answer, Refused> => {
  switch (kind) {
    case "rating":
    case "error":
    case "foreign":
      return namesRounding(json) ? extensionAnswer(json) : ratingAnswer(json)
    case "extension":
      return extensionAnswer(json)
    case "ocpp-cost":
      return ocppCostAnswer(json)
    case "segmentation":
      return segmentationAnswer(json)
    case "static-analysis":
      return checkAnswer(json)
    case "verify":
      return verifyAnswer(json)
  }
}
