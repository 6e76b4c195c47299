// Shapes of what the server takes and gives; src/afterglow/studio has the same as Python types.
export interface PlannedSession {
  day: number;
  kind: "preparation" | "integration" | "psychotherapy" | "training" | "education";
  hours: number;
  format: "individual" | "group" | "digital";
  tasks: ("insights" | "steps" | "practice")[];
}
export interface PlannedPractice {
  from_day: number;
  to_day: number;
  hours_per_week: number;
}
export interface ArmDesign {
  label: string;
  medicine: string;
  route: string;
  dose: number;
  dosing_days: number[];
  sessions: PlannedSession[];
  practice: PlannedPractice[];
  group_size: number;
  group_dosing: boolean;
  group_integration: boolean;
  community: boolean;
  adherence: number;
}
export interface Design {
  condition: string;
  scale: string;
  baseline_mean: number | null;
  horizon_days: number;
  blinded: boolean;
  ssri: boolean;
  rival: string;
  participants: number;
  seed: number;
  arms: ArmDesign[];
}
export interface Account {
  login_required: boolean;
  user: { name: string; role: string } | null;
  csrf: string;
  notice: string | null;
}
export interface ScaleFacts {
  id: string;
  label: string;
  low: number;
  high: number;
  higher_is_worse: boolean;
}
export interface WayChoice {
  id: string;
  label: string;
  unit: string;
  low: number;
  high: number;
  studied_high: number;
  step: number;
  usual_dose: number;
  usual_dosings: number;
  usual_every_days: number;
}
export interface MedicineChoice extends WayChoice {
  ways: WayChoice[];
}
export interface Choices {
  medicines: MedicineChoice[];
  conditions: { id: string; label: string; scale: string; scales: ScaleFacts[]; baseline_mean: number }[];
  session_kinds: { id: string; label: string; usual_hours: number }[];
  formats: string[];
  tasks: { id: string; label: string; sentence: string }[];
  rivals: { id: string; label: string; sentence: string; weight: number }[];
  starters: Record<string, Design>;
  limits: Record<string, number>;
  plan_limits: PlanLimits;
}
export interface PlanLimits {
  dosings: number;
  preparation: number;
  integration: number;
  practice_weeks: number;
  group_meetings: number;
  usual_group_size: number;
}
export interface Source {
  key: string;
  citation: string;
  url: string | null;
}
export interface Passage {
  from_day: number;
  to_day: number;
  topic: "brain" | "work" | "pattern" | "caution";
  text: string;
  sources: string[];
}
export interface Curve {
  label: string;
  unit: string;
  mean: number[];
  low: number[];
  high: number[];
}
export interface ScoreRow {
  scale: string;
  day: number;
  mean: number;
  low: number;
  high: number;
  response: number;
  remission: number | null;
  twin_mean: number | null;
  twin_response: number | null;
}
export interface ArmCourse {
  id: string;
  label: string;
  medicine: string;
  extrapolated: boolean;
  dosing_days: number[];
  windows: {
    medicine: string;
    dose_day: number;
    opens: number | null;
    closes: number | null;
    closes_low: number | null;
    closes_high: number | null;
    open_share: number;
  }[];
  open_shares: number[];
  days: number[];
  curves: Record<string, Curve>;
  band: { low: number[]; high: number[] } | null;
  people: { score: number; responds: boolean }[];
  twin: { curves: Record<string, number[]> } | null;
  scores: ScoreRow[];
  relapse: { day: number; share: number; twin_share: number | null }[];
  lasting: { from_day: number; share: number; hours_each: number | null };
  therapy_hours: number;
  story: Passage[];
  sources: Source[];
}
export interface Course {
  key: string;
  participants: number;
  draws: number;
  full: boolean;
  crowded: boolean;
  rival: string;
  calibrated: boolean;
  scale: ScaleFacts;
  first_day: number;
  last_day: number;
  arms: ArmCourse[];
  warnings: { level: string; sentence: string; source: string | null }[];
  note: string;
}
export interface Certainty {
  course: Course;
  bands: {
    arm: string;
    scale: string;
    day: number;
    mean_low: number;
    mean_high: number;
    response_low: number;
    response_high: number;
  }[];
  contrasts: { arm: string; day: number; difference: number; low: number; high: number }[];
  rivals: { id: string; label: string; weight: number; difference: number | null; low: number | null; high: number | null }[];
  headline: string;
  sentences: string[];
  facts: { studies: number; rows: number; pareto_k: number; effective_draws: number };
}
export interface Thing {
  id: string;
  label: string;
  known: "people" | "animals" | "assumed";
  text: string;
  sources: Source[];
}
export interface Brain {
  medicine: string;
  dose_days: number[];
  days: number[];
  tracks: Record<string, number[]>;
  without: Record<string, number[]>;
  things: Thing[];
  peak: { analyte: string; cmax: number; tmax_h: number; half_life_h: number | null } | null;
}
export interface Why {
  scale: string;
  days: number[];
  whole: number[];
  parts: { id: string; label: string; values: number[] }[];
  note: string;
}
export interface Job {
  id: string;
  kind: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  progress: number;
  queue_place: number | null;
  error: string | null;
  created: string;
  result: object | null;
}
export interface ComparedArm {
  id: string;
  label: string;
  therapy_hours: number;
  score: number;
  score_low: number | null;
  score_high: number | null;
  response: number;
  response_low: number | null;
  response_high: number | null;
  remission: number | null;
  lasting_from_day: number;
  lasting_response: number;
  lasting_response_low: number | null;
  lasting_response_high: number | null;
  hours_per_lasting_response: number | null;
  hours_low: number | null;
  hours_high: number | null;
  relapse: { day: number; share: number; low: number | null; high: number | null }[];
  visits: {
    day: number;
    mean: number;
    mean_low: number | null;
    mean_high: number | null;
    response: number;
    response_low: number | null;
    response_high: number | null;
  }[];
  curve: { days: number[]; mean: number[]; low: number[]; high: number[] };
}
export interface Comparison {
  participants: number;
  draws: number;
  seed: number;
  rival: string;
  scale: string;
  day: number;
  rivals: { id: string; label: string; sentence: string; weight: number }[];
  arms: ComparedArm[];
  contrasts: {
    arm: string;
    versus: string;
    day: number;
    difference: number;
    low: number | null;
    high: number | null;
    mc_error: number | null;
    under: { rival: string; difference: number; low: number | null; high: number | null }[];
  }[];
}
export interface Grid {
  participants: number;
  draws: number;
  scale: string;
  day: number;
  versus: string;
  best: number;
  cells: {
    dose: number;
    hours: number;
    extrapolated: boolean;
    mean: number;
    low: number;
    high: number;
    difference: number | null;
    difference_low: number | null;
    difference_high: number | null;
    behind: number;
    behind_low: number;
    behind_high: number;
    told_apart: boolean;
  }[];
}
export interface Estimate {
  value: number | null;
  se: number | null;
}
export interface SizeRow {
  n: number;
  people: number;
  power: ({ rival: string } & Estimate)[];
  assurance: Estimate;
  type1: Estimate;
  expected_n: Estimate;
  estimate: Estimate;
  truth: Estimate;
  coverage: Estimate;
  bias: Estimate;
  correct_guess: Estimate;
  observed: Estimate;
  at_half: Estimate;
  curve: ({ share: number } & Estimate)[];
}
export interface TrialPower {
  scale: string;
  day: number;
  alpha: number;
  trials: number;
  people: number;
  draws: number;
  seed: number;
  wanted: number;
  reached: number | null;
  rivals: { id: string; label: string; sentence: string; weight: number }[];
  sizes: SizeRow[];
  null: string;
  command: string;
}
export interface SavedLine {
  id: string;
  name: string;
  page: string;
  version: number;
  updated: string;
}
export interface SavedDesign extends SavedLine {
  state: { address?: unknown };
}
export type Task = "insights" | "steps" | "practice";
export interface PlanRequest {
  medicine: string;
  dose: number;
  condition: string;
  dates: string[];
  pattern: Pattern | null;
  start: string | null;
  preparation: number;
  integration: number;
  integration_hours: number;
  practice_hours_per_week: number;
  practice_weeks: number;
  group: "none" | "integration" | "community";
  group_weekday: number | null;
  group_start: string | null;
  group_size: number;
  weekday_only: boolean;
  country: string;
  region: string;
}
export interface Pattern {
  start: string;
  weekdays: number[];
  every_weeks: number;
  times: number;
}
export interface Country {
  id: string;
  regions: { id: string; label: string }[];
}
export interface Conflict {
  date: string;
  sentence: string;
  entries: { person: number; id: string }[];
}
export interface ExplanationGain {
  id: string;
  label: string;
  weight: number;
  points: number;
  low: number | null;
  high: number | null;
}
export interface GainOnDay {
  day: number;
  points: number;
  low: number | null;
  high: number | null;
  alike: boolean;
  rivals: ExplanationGain[];
}
export interface BestDay {
  hours: number;
  scale: string;
  on_day: number;
  tells: boolean;
  best: number;
  days: GainOnDay[];
  sentences: string[];
}
export interface Checked {
  ssri: boolean;
  medications: string[];
  history: string[];
}
export interface PlanWord {
  id: string;
  kind: "medication" | "history";
  label: string;
  words: string[];
}
export interface PlanItem {
  id: string;
  kind: "preparation" | "dosing" | "integration" | "practice" | "group" | "psychotherapy" | "training" | "education";
  format: "individual" | "group" | "digital";
  date: string;
  until: string | null;
  day: number;
  start: string | null;
  hours: number | null;
  tasks: Task[];
  title: string;
  why: string;
  sources: Source[];
  in_window: boolean;
}
export interface PlanWindow {
  date_from: string;
  date_to: string;
  date_to_low: string;
  date_to_high: string;
  medicine: string;
  dose_date: string;
}
export interface Plan {
  timezone_note: string;
  dates: string[];
  holidays: { date: string; name: string }[];
  missed: { date: string; why: string }[];
  items: PlanItem[];
  windows: PlanWindow[];
  cautions: { level: string; sentence: string; source: string | null; url: string | null }[];
  notes: string[];
  design: Design;
}
export interface Prediction {
  predicted: number;
  low: number;
  high: number;
  inside: boolean;
}
export interface StudyRow {
  place: string;
  what: string;
  as_published: string;
  arm: string;
  versus: string;
  scale: string;
  kind: string;
  day: number | null;
  published: number | null;
  unit: "points" | "share" | "SDs" | "";
  sd: number | null;
  se: number | null;
  n: number | null;
  baseline: boolean;
  verified: boolean;
  where: string;
  url: string | null;
  note: string;
  prediction: Prediction | null;
  why_not: string;
}
export interface StudySummary {
  name: string;
  label: string;
  citation: string;
  doi: string | null;
  url: string | null;
  condition: string;
  design: string;
  medicines: string[];
  arms: { id: string; label: string; n: number | null; given: string[]; simulated: boolean; note: string }[];
  n: number | null;
  standing: "fitted" | "pooled" | "retracted" | "apart";
  fitted: boolean;
  why: string;
  rows: number;
  rows_read: number;
  rows_fitted: number;
}
export interface StudyDetail {
  study: StudySummary;
  registration: string | null;
  notes: string;
  sources: string[];
  rows: StudyRow[];
}
export interface Span {
  value: number;
  low: number;
  high: number;
}
export interface ForetoldNumber {
  study: number;
  group: "means" | "differences" | "shares" | "relapse";
  what: string;
  arm: string;
  scale: string;
  day: number;
  n: number | null;
  unit: "points" | "share" | "SDs";
  published: number;
  predicted: number;
  low: number;
  high: number;
  inside: boolean;
  published_sd: number;
  predicted_sd: number;
  low_sd: number;
  high_sd: number;
}
export interface Measure {
  group: string;
  id: string;
  label: string;
  rows: number;
  studies: number;
  coverage90: number;
  mae_sd_by_study: number;
  crps: number;
}
export interface GroupGain {
  group: string;
  label: string;
  error: number;
  baseline: number;
  baseline_label: string;
  gain: number;
  low: number;
  high: number;
  sentence: string;
}
export interface Foretold {
  sentence: string;
  studies: { name: string; label: string }[];
  numbers: ForetoldNumber[];
  measures: Measure[];
  gains: GroupGain[];
}
export interface BoardFact {
  id: string;
  topic: string;
  words: string;
  asked: string;
  unit: string;
  published: Span;
  predicted: Span | null;
  none: number | null;
  passed: boolean;
  clear: boolean;
  why: string;
  study: string;
  label: string;
  where: string;
}
export interface FactsBoard {
  sentence: string;
  rule: string;
  passed: number;
  clear: number;
  made: string;
  facts: BoardFact[];
}
export interface RecordedContrast {
  explanation: string;
  label: string;
  arm: string;
  versus: string;
  primary: boolean;
  difference: Span;
  positive: Span;
}
export interface RecordedTrial {
  number: string;
  title: string;
  made_on: string;
  made_by: string;
  digest: string;
  whole: boolean;
  read_on: string;
  url: string;
  scale: string;
  day: number;
  positive: string;
  contrasts: RecordedContrast[];
  arms: { label: string; n: number; change: Span; response: Span; remission: Span | null }[];
  scoring: string[];
  assumed: string[];
}
export interface Rivals {
  sentence: string;
  verdict: string;
  rivals: { id: string; label: string; sentence: string; weight: number; log_density: number; behind: number; behind_se: number }[];
  studies: { study: string; label: string; favours: string; over: string; log_ratio: number }[];
}
export interface Interval {
  value: number;
  low: number;
  high: number;
}
export interface ParameterRow {
  name: string;
  part: string;
  meaning: string;
  unit: string;
  scale: string;
  value: number;
  between_subject_sd: number;
  prior: Interval | null;
  posterior: Interval | null;
  shrinkage: number | null;
  rests_on_prior: boolean;
  assumed: boolean;
  verified: boolean;
  where: string;
  sources: Source[];
}
export interface EvidenceFacts {
  departures: Record<string, number>;
  studies: number;
  studies_fitted: number;
  rows: number;
  people: number;
  draws: number;
  pareto_k: number;
  effective_draws: number;
  parameters: number;
  parameters_assumed: number;
  sentences: string[];
}
export interface About {
  version: string;
  purpose: string;
  licence: string;
  citation: string;
  calibrated: { studies: number; rows: number; pareto_k: number; effective_draws: number };
}
export interface FollowLine {
  when: string;
  what: string;
  value: string;
}
export interface FollowRequest {
  design: Design | null;
  lines: FollowLine[];
  scale: string;
  ahead_days: number;
  start: string;
}
export interface LineRead {
  state: "read" | "waiting" | "wrong";
  said: string;
  day: number | null;
  date: string | null;
  scale: string;
  score: number | null;
}
export interface FollowBand {
  day: number;
  mean: number;
  median: number;
  low50: number;
  high50: number;
  low80: number;
  high80: number;
  low90: number;
  high90: number;
}
export interface Outlook {
  scale: string;
  scale_low: number;
  scale_high: number;
  rated: string[];
  day: number;
  last_day: number;
  start: string | null;
  label: string;
  with_medicine: boolean;
  bands: FollowBand[];
  expected: FollowBand[];
  chances: { response: number | null; remission: number | null; relapse: number | null; worse: number | null };
  track: { verdict: string; reason: string; percent_lower: number | null; low: number | null; high: number | null };
  change: {
    points: number;
    reliable_points: number;
    reliable: boolean;
    reliable_source: string;
    reliable_sources: Source[];
    important_points: number | null;
    important: boolean | null;
    important_sources: Source[];
  } | null;
  what_if: { what: string; points: number; low: number; high: number; clear: boolean }[];
  explanations: { id: string; label: string; before: number; after: number }[];
  effective_size: number;
  moved: boolean;
  response_at: number | null;
  remission_at: number | null;
  verdict: string;
  doubts: string[];
  notes: string[];
  trust: string[];
}
export interface FollowAnswer {
  lines: LineRead[];
  cautions: { level: string; sentence: string; source: string; sources: Source[] }[];
  told: Outlook | null;
  problem: string;
}
export interface Pasted {
  lines: FollowLine[];
  left: string;
  notes: string[];
}
export interface ScaleKnown {
  id: string;
  low: number;
  high: number;
}
export interface FollowFacts {
  scales: ScaleKnown[];
  purpose: string;
}
