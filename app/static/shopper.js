// A shopper by id: the score of an item at a moment, what is kept of the shopper, and the likeliest of some items.
import { ask, element, onSubmit, percent, shared, table } from "./page.js";
import { show } from "./result.js";

const LATEST = 20; // events shown

export function begin() {
  element("shopper-form").hidden = element("rank-form").hidden = false;
}

function moment() {
  const given = element("moment").value;
  return given ? { timestamp: new Date(given).toISOString() } : {};
}

async function score() {
  const [user, item] = [element("user").value.trim(), element("item").value.trim()];
  const point = { user_id: user, item_id: item, event_type: element("event-type").value, ...moment() };
  const answer = await (await ask("predict", { features: [point], explain: 8, return_features: true })).json();
  const values = answer.predictions[0].features;
  const when = point.timestamp ? new Date(point.timestamp).toLocaleString() : "now";
  show(answer, values, ` ${item}, ${point.event_type === "view" ? "looked at" : "put into the cart"} ${when}`);
  table("values", ["Feature", "Value"], Object.entries(values).map(([name, value]) => [name, value]));
  await showHistory(user);
}

async function showHistory(user) {
  element("history").hidden = false;
  element("events").hidden = !shared.isAdmin;
  element("no-events").hidden = shared.isAdmin;
  if (!shared.isAdmin) return;
  const { events } = await (await ask(`users/${encodeURIComponent(user)}`)).json();
  const rows = events.slice(-LATEST).reverse().map((e) => [new Date(e.timestamp).toLocaleString(), e.event_type, e.price, e.duration_seconds]);
  table("events", [`Time (${events.length} events kept)`, "Event", "Price", "Seconds"], rows);
}

async function rank() {
  const items = element("items").value.split(/[\s,]+/).filter(Boolean);
  const asked = { user_id: element("ranked-user").value.trim(), items, top: Number(element("top").value) };
  const ranked = (await (await ask("rank", asked)).json()).items;
  table("ranking", ["", "Item", "Probability"], ranked.map((r, n) => [n + 1, r.item_id, percent(r.probability)]));
}

onSubmit("shopper-form", score);
onSubmit("rank-form", rank);
