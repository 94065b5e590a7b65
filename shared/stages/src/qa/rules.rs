//! The rules of the gate: what each is called, how bad a breach is, and which score it lowers.

/// What a breach does to the verdict, besides what scores and checklists do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Lowers a score or fails a checklist item; the episode may go on with it.
    Minor,
    /// Sends the episode back to the stage at fault.
    Rewrite,
    /// Ends the episode.
    Reject,
}

/// The seven criteria of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criterion {
    /// Numbers, dates, names and directions are the source's.
    FactualAccuracy,
    /// What is said is what the claim's facts prove.
    ClaimEvidenceAlignment,
    /// A viewer can find where it comes from.
    SourceTraceability,
    /// What is shown on screen is what the claim rests on.
    EvidenceSourceConsistency,
    /// One thing follows from another.
    LogicalContinuity,
    /// It can be followed at the first hearing.
    ViewerClarity,
    /// It is worth staying for.
    RetentionRisk,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident, $criterion:ident, $weight:literal;)*) => {
        /// A rule of the gate. Names are stable: reports, rewrite reasons and tests quote them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $variant,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Name as in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What a breach does to the verdict.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The score that a breach inside a scene lowers, and by how much.
            pub fn penalty(self) -> (Criterion, u8) {
                match self { $(Self::$variant => (Criterion::$criterion, $weight),)* }
            }
        }
    };
}

rules! {
    /// An artifact does not follow its schema.
    SchemaFailure = "schema_failure", Reject, SourceTraceability, 4;
    /// A risk flag outside the known five.
    UnknownRiskFlag = "unknown_risk_flag", Reject, SourceTraceability, 4;
    /// A field that governance needs is empty.
    MissingGovernanceField = "missing_governance_field", Reject, SourceTraceability, 4;
    /// A claim that names no known finding, fact or claim id.
    UnmatchedClaim = "unmatched_claim", Reject, ClaimEvidenceAlignment, 4;
    /// A claim that only tier-3 sources carry.
    UncorroboratedTier3 = "uncorroborated_tier_3", Reject, SourceTraceability, 4;

    /// Advice to buy or sell.
    TradeAdvice = "trade_advice", Reject, LogicalContinuity, 4;
    /// A person or an organisation accused.
    Accusation = "accusation", Reject, ClaimEvidenceAlignment, 4;
    /// What only medicine may say.
    MedicalClaim = "medical_claim", Reject, ClaimEvidenceAlignment, 4;
    /// A source whose licence forbids or does not grant use in a film that earns money.
    LicenceIncompatible = "licence_incompatible", Reject, SourceTraceability, 4;

    /// Recomputing a fact from its rows gives another value, or none.
    FactNotReproduced = "fact_not_reproduced", Rewrite, FactualAccuracy, 2;
    /// The rows a fact lists are not those its formula reads.
    FactRows = "fact_rows", Rewrite, FactualAccuracy, 2;
    /// A fact's display is not what its value displays as.
    FactDisplay = "fact_display", Rewrite, FactualAccuracy, 2;
    /// A fact's unit or calendar cannot come from its series and formula.
    FactUnit = "fact_unit", Rewrite, FactualAccuracy, 2;
    /// Different months or quarters of a series compared that is not seasonally adjusted.
    SeasonCompared = "season_compared", Rewrite, FactualAccuracy, 2;
    /// A figure over a window with holes, without a word on them.
    HoleUntold = "hole_untold", Rewrite, ClaimEvidenceAlignment, 2;
    /// A growth rate without the date it is counted from.
    GrowthBaseMissing = "growth_base_missing", Rewrite, ClaimEvidenceAlignment, 2;
    /// A crisis named beside a value that is not of its window.
    EpisodeMisnamed = "episode_misnamed", Rewrite, FactualAccuracy, 2;
    /// Two facts, claims, sources or scenes share an identifier.
    DuplicateId = "duplicate_id", Rewrite, SourceTraceability, 2;
    /// The brief describes a series otherwise than its package does.
    SeriesDescription = "series_description", Rewrite, FactualAccuracy, 2;
    /// A citation's text is not what the fact displays as.
    CitationWording = "citation_wording", Rewrite, FactualAccuracy, 2;
    /// A citation of a fact that the brief does not hold.
    UnknownFact = "unknown_fact", Rewrite, FactualAccuracy, 2;
    /// A numeral, number word or quantity in plain text.
    NumberWithoutFact = "number_without_fact", Rewrite, FactualAccuracy, 2;
    /// A date or month in plain text.
    DateWithoutFact = "date_without_fact", Rewrite, FactualAccuracy, 2;
    /// A character that can hide or imitate another.
    HiddenCharacter = "hidden_character", Rewrite, FactualAccuracy, 2;
    /// A series called by a name that its package does not give.
    SeriesName = "series_name", Rewrite, FactualAccuracy, 2;
    /// A thing or a name that no series, source or crisis of the brief is about.
    UnknownSubject = "unknown_subject", Rewrite, FactualAccuracy, 2;
    /// A source called by another title than its own.
    SourceTitle = "source_title", Rewrite, FactualAccuracy, 2;
    /// The channel called by another name than its own.
    ChannelName = "channel_name", Rewrite, FactualAccuracy, 2;
    /// A plotted point that is not its source row.
    PointAltered = "point_altered", Rewrite, FactualAccuracy, 2;
    /// Points out of order, twice, or more than the limit.
    TraceShape = "trace_shape", Rewrite, FactualAccuracy, 2;
    /// A chart whose unit or calendar is not its series'.
    ChartUnit = "chart_unit", Rewrite, FactualAccuracy, 2;
    /// A bar whose length is not its fact's value, or whose unit is not the chart's.
    BarValue = "bar_value", Rewrite, FactualAccuracy, 2;
    /// A figure that does not cite the fact it stands for.
    FigureWithoutFact = "figure_without_fact", Rewrite, FactualAccuracy, 2;
    /// A mark on a date that its trace or its fact does not have.
    MarkMisplaced = "mark_misplaced", Rewrite, FactualAccuracy, 2;
    /// A picture that is not what its kind promises: parts of different wholes, a distribution with holes, a column lit
    /// that nobody speaks of.
    PictureShape = "picture_shape", Rewrite, FactualAccuracy, 2;
    /// A quotation that is no sentence of its source.
    QuoteAltered = "quote_altered", Rewrite, FactualAccuracy, 2;
    /// An event drawn where it did not happen.
    EventMisdated = "event_misdated", Rewrite, FactualAccuracy, 2;
    /// A word of direction against the sign of its fact.
    DirectionWrong = "direction_wrong", Rewrite, FactualAccuracy, 2;
    /// A fall written without its sign and without a word that says so.
    SignLost = "sign_lost", Rewrite, FactualAccuracy, 2;
    /// A value joined to a date that is not its own.
    DateMisplaced = "date_misplaced", Rewrite, FactualAccuracy, 2;
    /// A value joined to a series that is not its own.
    SeriesMisplaced = "series_misplaced", Rewrite, FactualAccuracy, 2;
    /// A value of another kind, or in another order, than its place in the sentence asks for.
    ValueMisplaced = "value_misplaced", Rewrite, FactualAccuracy, 2;
    /// "More than", "nearly" and the like on the wrong side of the value.
    HedgeWrong = "hedge_wrong", Rewrite, FactualAccuracy, 2;
    /// Plain text that changes the sign, scale or unit of a citation beside it.
    UnitTampered = "unit_tampered", Rewrite, FactualAccuracy, 2;
    /// A distance in time that no two dates of the facts have.
    PeriodUnproven = "period_unproven", Rewrite, FactualAccuracy, 2;
    /// A stale observation called current.
    StaleAsCurrent = "stale_as_current", Rewrite, FactualAccuracy, 2;
    /// A measured value of the brief that is not its fact's.
    DataPointAltered = "data_point_altered", Rewrite, FactualAccuracy, 2;
    /// A finding whose facts do not make the point it claims.
    FindingUnproven = "finding_unproven", Rewrite, ClaimEvidenceAlignment, 2;
    /// A superlative without an extreme, rank or record behind it.
    SuperlativeUnproven = "superlative_unproven", Rewrite, ClaimEvidenceAlignment, 2;
    /// A sentence that cites a fact outside the claims it names.
    CitationOutsideClaim = "citation_outside_claim", Rewrite, ClaimEvidenceAlignment, 2;
    /// A sentence that tells a claim which its scene does not.
    ClaimOutsideScene = "claim_outside_scene", Rewrite, ClaimEvidenceAlignment, 2;
    /// A statement about all observations, or about the only one, that no fact looks at all of them for.
    SweepingUnproven = "sweeping_unproven", Rewrite, ClaimEvidenceAlignment, 2;
    /// A lead told without the warning that it is no cause.
    CauseUnwarned = "cause_unwarned", Rewrite, LogicalContinuity, 2;
    /// Cause and effect in a scene that is not flagged for it.
    CausalWording = "causal_wording", Rewrite, LogicalContinuity, 2;
    /// The manner of advice, short of buying or selling.
    AdviceWording = "advice_wording", Rewrite, LogicalContinuity, 2;
    /// A statement about the future.
    PredictionWording = "prediction_wording", Rewrite, LogicalContinuity, 2;

    /// A claim without a source, or with one of another data package.
    ClaimWithoutSource = "claim_without_source", Rewrite, SourceTraceability, 2;
    /// A licence that asks for credit, which the description or the end card does not give.
    AttributionMissing = "attribution_missing", Rewrite, SourceTraceability, 2;
    /// A subject whose risk flag the scene lacks.
    RiskUnflagged = "risk_unflagged", Rewrite, SourceTraceability, 2;
    /// A source that the brief does not hold.
    UnknownSource = "unknown_source", Rewrite, SourceTraceability, 2;
    /// Sources shown that the scene's claims do not rest on, or none shown.
    EvidenceSources = "evidence_sources", Rewrite, EvidenceSourceConsistency, 2;
    /// The source line of a picture names no source of the scene, or no date.
    SourceLine = "source_line", Rewrite, EvidenceSourceConsistency, 2;
    /// A source outside its window that is not flagged where it is used.
    StaleUnmarked = "stale_unmarked", Rewrite, SourceTraceability, 2;
    /// A source's date, window or digest that the package contradicts.
    SourceRecord = "source_record", Rewrite, SourceTraceability, 2;
    /// Research without its planner and scoring context.
    TopicContext = "topic_context", Rewrite, LogicalContinuity, 2;
    /// A claim told without a chart of its series.
    ClaimWithoutChart = "claim_without_chart", Rewrite, EvidenceSourceConsistency, 2;
    /// A narrative role is missing, or the hook is not first.
    NarrativeRoles = "narrative_roles", Rewrite, LogicalContinuity, 2;
    /// Too few scenes for the length.
    SceneCount = "scene_count", Rewrite, RetentionRisk, 2;
    /// Script scenes and scenes do not match one to one.
    SceneMismatch = "scene_mismatch", Rewrite, LogicalContinuity, 2;
    /// The planned times overlap, leave holes or run backwards.
    SceneTimes = "scene_times", Rewrite, LogicalContinuity, 2;
    /// The episode is too short or too long.
    Runtime = "runtime", Rewrite, RetentionRisk, 2;
    /// The hook's promise comes too late, or its variant is not what is said.
    HookPromise = "hook_promise", Rewrite, RetentionRisk, 2;
    /// Too much like a recent episode of the channel.
    Sameness = "sameness", Rewrite, RetentionRisk, 1;
    /// Planned time without a word.
    DeadAir = "dead_air", Rewrite, RetentionRisk, 2;
    /// A scene that tells nothing new and is no payoff.
    RedundantScene = "redundant_scene", Rewrite, RetentionRisk, 2;
    /// A transition that neither asks nor announces.
    NoReasonToStay = "no_reason_to_stay", Rewrite, RetentionRisk, 1;
    /// A card whose number its narration does not say.
    FigureUnsaid = "figure_unsaid", Rewrite, ViewerClarity, 2;
    /// Not three distinct titles of legal length.
    Titles = "titles", Rewrite, ViewerClarity, 1;
    /// Not three thumbnails of different designs with few words.
    Thumbnails = "thumbnails", Rewrite, ViewerClarity, 1;
    /// The description is too long, or lacks its sources.
    Description = "description", Rewrite, SourceTraceability, 1;
    /// Disclosure or disclaimer does not reach the viewer.
    MissingDisclosure = "missing_disclosure", Rewrite, SourceTraceability, 2;
    /// Tags missing, too long, or with numbers.
    Tags = "tags", Rewrite, ViewerClarity, 1;
    /// Chapters that a player would not accept.
    Chapters = "chapters", Rewrite, ViewerClarity, 1;
    /// Captions that do not say what the script narrates.
    CaptionDiffers = "caption_differs", Rewrite, FactualAccuracy, 2;
    /// Title, description, tags or chapters that are not what script and film give.
    MetadataDiffers = "metadata_differs", Rewrite, FactualAccuracy, 2;
    /// A film that its media check found wrong.
    MediaFault = "media_fault", Rewrite, ViewerClarity, 2;
    /// A text that should be there is empty.
    EmptyText = "empty_text", Rewrite, ViewerClarity, 2;

    /// Sentences that begin alike.
    RepeatedOpening = "repeated_opening", Minor, ViewerClarity, 1;
    /// A sentence too long to follow.
    LongSentence = "long_sentence", Minor, ViewerClarity, 2;
    /// More figures in a sentence than a listener keeps.
    CrowdedSentence = "crowded_sentence", Minor, ViewerClarity, 1;
    /// Far more or fewer words a minute than a listener follows.
    Pace = "pace", Minor, RetentionRisk, 1;
    /// Few of the sentences that name a claim cite a fact.
    ThinEvidence = "thin_evidence", Minor, ClaimEvidenceAlignment, 1;
    /// More words or figures a sentence, on average, than a listener follows.
    HeavyScene = "heavy_scene", Minor, ViewerClarity, 1;
    /// A long time without a new figure or another picture.
    LongStretch = "long_stretch", Minor, RetentionRisk, 1;
    /// A picture that stands too long.
    LongScene = "long_scene", Minor, RetentionRisk, 1;
}
