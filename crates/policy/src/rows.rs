//! From a scope to the predicate over rows (R-VIS-01 to R-VIS-08).

use std::collections::BTreeSet;

use rapport_schema::{FieldName, FieldType, Model, ObjectDef, ObjectKind, ObjectName, UserId};

use crate::{Act, Grantee, GranteeKind, Reach, Reached, RowRule, Scope, rule::Kind};

/// Objects to which a team membership of an account may extend (R-VIS-04, picklist `team_extend`).
const EXTENDS: [&str; 4] = ["contact", "opportunity", "contract", "order"];
/// The field by which those objects name their account.
const ACCOUNT_FIELD: &str = "account_id";

impl Scope {
    /// The predicate of an act over an object's rows (R-VIS-01). Everything the caller's scope, team, shares, reporting lines
    /// and the access of masters give; nothing takes away. Without the object permission for the act it is empty.
    #[must_use]
    pub fn rule(&self, act: Act, model: &Model, object: &ObjectDef) -> RowRule {
        self.rule_at(act, model, object, 0)
    }

    pub(crate) fn rule_at(&self, act: Act, model: &Model, object: &ObjectDef, depth: u8) -> RowRule {
        let need = if act.only_reads() { "read" } else { "write" };
        if !self.narrow_allows(&object.name, need) || (object.kind == ObjectKind::Log && !act.only_reads() && !self.is_system()) {
            return RowRule(Kind::Nothing);
        }
        if let Some(rule) = self.pool_rule(act, model, object, depth) {
            return rule;
        }
        if let Some(rule) = self.talk(act, model, object, depth) {
            return rule;
        }
        if self.person.admin {
            return RowRule(Kind::All);
        }
        let reach = self.grant(object).reach(act);
        match object.kind {
            // A child has no reach of its own: it follows its master (R-VIS-05).
            ObjectKind::Child if reach.allowed() => self.child(act, model, object, depth),
            _ if reach == Reach::All => RowRule(Kind::All),
            // A log with a master (stage history) is seen by whoever sees the master.
            ObjectKind::Log if reach.allowed() && object.master().is_some() => self.child(act, model, object, depth),
            ObjectKind::Ownable if reach.allowed() => self.ownable(act, reach, model, object, depth),
            ObjectKind::Config | ObjectKind::Log | ObjectKind::Child | ObjectKind::Ownable => self.config(act, reach, object),
        }
    }

    /// Reading with the master's read, exporting with its export, everything else with its edit.
    fn child(&self, act: Act, model: &Model, object: &ObjectDef, depth: u8) -> RowRule {
        let act = if act.only_reads() { act } else { Act::Edit };
        let mut ways = vec![];
        if depth < 3 {
            if let Some((field, master)) = object.master() {
                if let Some(m) = model.object(master) {
                    let rule = self.rule_at(act, model, m, depth + 1);
                    if rule.is_all() {
                        return rule;
                    }
                    push(&mut ways, object.at(field).name.clone(), m, rule);
                }
            } else if let Some((field, targets)) = link(object) {
                for m in candidates(model, targets, true) {
                    push(&mut ways, field.clone(), m, self.rule_at(act, model, m, depth + 1));
                }
            }
        }
        RowRule::any(ways)
    }

    fn ownable(&self, act: Act, reach: Reach, model: &Model, object: &ObjectDef, depth: u8) -> RowRule {
        let person = &*self.person;
        let edit = !act.only_reads();
        let mut ways = vec![];
        let owners = self.owners(act, reach, object);
        if !owners.is_empty() {
            ways.push(Reached::Owner(owners));
        }
        let depts = if reach.dept_tree() {
            &person.dept_tree
        } else if reach.depts() {
            &person.depts
        } else {
            &vec![]
        };
        if !depts.is_empty() {
            ways.push(Reached::Dept(depts.clone()));
        }
        // Teams and shares give reading or editing, never deleting or giving away (R-VIS-04).
        if let Some(user) = person.user
            && matches!(act, Act::Read | Act::Edit | Act::Export)
        {
            ways.push(Reached::Team { user, edit, extends_to: None });
            ways.push(Reached::Shared { grantees: self.grantees(), edit });
            if EXTENDS.contains(&object.name.as_str())
                && let Some(account) = model.object("account")
                && let Some(f) = object.field(ACCOUNT_FIELD)
            {
                let team = Reached::Team { user, edit, extends_to: Some(object.name.clone()) };
                push(&mut ways, f.name.clone(), account, RowRule::any(vec![team]));
            }
        }
        if act == Act::Read {
            if object.name == "saved_view"
                && let Some(f) = object.field("is_public")
            {
                ways.push(Reached::Flag(f.name.clone()));
            }
            if depth < 3 {
                self.through_parents(&mut ways, model, object, depth);
            }
        }
        RowRule::any(ways)
    }

    /// People whose records are reached because they own them (R-VIS-03, R-VIS-08).
    fn owners(&self, act: Act, reach: Reach, object: &ObjectDef) -> Vec<UserId> {
        let p = &*self.person;
        let mut owners = BTreeSet::new();
        if reach.own() {
            owners.extend(p.user);
        }
        if reach.reports() || (act == Act::Read && p.switches.manager_line) {
            owners.extend(p.reports.iter().copied());
        }
        for line in &p.lines {
            let object_named = line.objects.is_empty() || line.objects.iter().any(|o| o == object.name.as_str());
            // The line itself gives reading or editing; further acts only where `own_sub` counts the person as one's own.
            let act_given = match act {
                Act::Read => true,
                Act::Edit => line.edit,
                Act::Export => line.counts_as_report && reach.reports(),
                Act::Delete | Act::Transfer => line.edit && line.counts_as_report && reach.reports(),
            };
            if object_named && act_given {
                owners.extend(line.users.iter().copied());
            }
        }
        owners.into_iter().collect()
    }

    /// Configuration and logs have no owner: all or, for lesser reaches, what the caller made. Everybody reads his own user.
    fn config(&self, act: Act, reach: Reach, object: &ObjectDef) -> RowRule {
        let mut ways = vec![];
        let makers = if reach.allowed() { self.owners(act, reach, object) } else { vec![] };
        if !makers.is_empty() {
            ways.push(Reached::Creator(makers));
        }
        if object.name == "user"
            && act == Act::Read
            && let Some(u) = self.person.user
        {
            ways.push(Reached::Ids(vec![u.record()]));
        }
        RowRule::any(ways)
    }

    /// Contacts, follow-ups and notes are readable by whoever reads their account or target (R-VIS-05).
    fn through_parents(&self, ways: &mut Vec<Reached>, model: &Model, object: &ObjectDef, depth: u8) {
        let switches = self.person.switches;
        match object.name.as_str() {
            "contact" if switches.follow_account => {
                if let (Some(account), Some(f)) = (model.object("account"), object.field(ACCOUNT_FIELD)) {
                    push(ways, f.name.clone(), account, self.rule_at(Act::Read, model, account, depth + 1));
                }
            }
            "follow_up" | "note" if switches.follow_account => {
                if let Some((field, targets)) = link(object) {
                    for m in candidates(model, targets, false) {
                        push(ways, field.clone(), m, self.rule_at(Act::Read, model, m, depth + 1));
                    }
                }
            }
            "account" if switches.parent_account && depth == 0 => {
                if let Some(f) = object.field("parent_id") {
                    // One level only: the rule below does not climb further.
                    let rule = self.rule_at(Act::Read, model, object, 1);
                    push(ways, f.name.clone(), object, rule);
                }
            }
            _ => {}
        }
    }

    fn grantees(&self) -> Vec<Grantee> {
        let p = &*self.person;
        let mut g: Vec<Grantee> = p.user.iter().map(|u| Grantee { kind: GranteeKind::User, id: u.record() }).collect();
        g.extend(p.depts.iter().map(|d| Grantee { kind: GranteeKind::Dept, id: d.record() }));
        g.extend(p.roles.iter().map(|r| Grantee { kind: GranteeKind::Role, id: *r }));
        g.extend(p.teams.iter().map(|t| Grantee { kind: GranteeKind::Team, id: *t }));
        g
    }
}

pub(crate) fn push(ways: &mut Vec<Reached>, field: FieldName, to: &ObjectDef, rule: RowRule) {
    if !rule.is_nothing() {
        ways.push(Reached::Through { field, object: to.name.clone(), rule: Box::new(rule) });
    }
}

/// The polymorphic field by which an object hangs on another record: the first required one.
fn link(object: &ObjectDef) -> Option<(&FieldName, &[ObjectName])> {
    object.live().find_map(|(_, f)| match &f.ty {
        FieldType::Poly { targets } if f.required => Some((&f.name, targets.as_slice())),
        _ => None,
    })
}

/// Where a polymorphic field may lead. One without named targets leads to every ownable object; activities among them (which
/// hang on any record themselves) only when `activities` are wanted, so that an activity does not hang on another one.
pub(crate) fn candidates<'m>(
    model: &'m Model,
    targets: &'m [ObjectName],
    activities: bool,
) -> impl Iterator<Item = &'m ObjectDef> {
    let hangs = |o: &ObjectDef| o.live().any(|(_, f)| matches!(&f.ty, FieldType::Poly { targets } if targets.is_empty()));
    model.objects.values().map(|o| &**o).filter(move |o| {
        if targets.is_empty() { o.kind == ObjectKind::Ownable && (activities || !hangs(o)) } else { targets.contains(&o.name) }
    })
}
