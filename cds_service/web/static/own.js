// Records that a visitor pastes: put into the sandbox as one transaction, marked, and listed on the start page.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);

function problems(texts) {
  by("own-problems").replaceChildren(...texts.map((text) => Object.assign(document.createElement("p"), {textContent: text, className: "notice"})));
}

function resourcesOf(value) {
  if (Array.isArray(value)) return value.flatMap(resourcesOf);
  if (value && value.resourceType === "Bundle") return (value.entry || []).flatMap((entry) => entry.resource ? [{...entry.resource, fullUrl: entry.fullUrl}] : []);
  return value && value.resourceType ? [value] : [];
}

// PUT under the id that a resource has, else POST, so that references by fullUrl are resolved.
function asEntry({fullUrl, ...resource}) {
  const entry = fullUrl ? {fullUrl} : {};
  if (resource.resourceType === "Patient") {
    resource.meta = {...resource.meta, tag: [...((resource.meta || {}).tag || []), data.own]};
    if (!resource.id) resource.id = crypto.randomUUID();
  }
  const request = resource.id ? {method: "PUT", url: `${resource.resourceType}/${resource.id}`} : {method: "POST", url: resource.resourceType};
  return {...entry, resource, request};
}

async function load(event) {
  event.preventDefault();
  let found;
  try { found = resourcesOf(JSON.parse(by("bundle").value)); } catch (error) { return problems([`JSON: ${error.message}`]); }
  const known = found.filter((resource) => data.types.includes(resource.resourceType));
  const patients = known.filter((resource) => resource.resourceType === "Patient");
  if (patients.length !== 1) return problems([data.words.own_one_patient.replace("{number}", patients.length)]);
  const entries = known.map(asEntry);
  const id = entries.find((entry) => entry.resource.resourceType === "Patient").resource.id;
  const reply = await fetch(data.fhir, {method: "POST", headers: {"Content-Type": "application/fhir+json"},
    body: JSON.stringify({resourceType: "Bundle", type: "transaction", entry: entries})});
  if (!reply.ok) {
    const outcome = await reply.json();
    return problems([data.words.own_refused, ...(outcome.issue || []).map((issue) => `${(issue.expression || []).join(", ")} ${issue.diagnostics || ""}`)]);
  }
  const leftOut = [...new Set(found.filter((resource) => !known.includes(resource)).map((resource) => resource.resourceType))];
  location.assign(`/patients/${encodeURIComponent(id)}${leftOut.length ? `?left_out=${encodeURIComponent(leftOut.join(","))}` : ""}`);
}

async function list() {
  const reply = await fetch(`${data.fhir}/Patient?_tag=${encodeURIComponent(`${data.own.system}|${data.own.code}`)}`);
  const bundle = await reply.json();
  const items = (bundle.entry || []).map(({resource}) => {
    const name = (resource.name || [])[0] || {};
    const link = Object.assign(document.createElement("a"), {href: `/patients/${encodeURIComponent(resource.id)}`});
    link.textContent = name.text || [...(name.given || []), name.family].filter(Boolean).join(" ") || resource.id;
    const item = document.createElement("li");
    item.className = "example";
    item.append(link);
    return item;
  });
  by("own-list").replaceChildren(...items);
  by("own-patients").hidden = !items.length;
}

if (by("own-form")) by("own-form").addEventListener("submit", (event) => load(event).catch(() => problems([data.words.failed])));
if (by("own-list")) list().catch(() => {});
