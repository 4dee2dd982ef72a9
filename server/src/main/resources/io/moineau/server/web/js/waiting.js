// What to say while an answer has not begun.
import { t } from "./i18n.js";
import { latest } from "./activity.js";

export function waitingText(job, node) {
  if (!job || job.node !== node || node.content || node.reasoning || node.calls) {
    return "";
  }
  const waiting = latest()?.waiting ?? 0; // with this one
  if (job.state === "waiting" && waiting > 0) {
    return waiting === 1 ? t("queued") : t("queuedWith", { count: waiting - 1, n: waiting - 1 });
  }
  return t(job.state === "sent" ? "sent" : "reading");
}
