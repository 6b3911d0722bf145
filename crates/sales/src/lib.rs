//! Domain rules of selling, as hooks and actions on the pipeline: leads and their conversion (R-CNV), opportunities and their
//! stages (R-STG), public pools (R-POOL), assignment (R-ASN), products of a deal (R-SUB), follow-ups (R-POOL-13), visits (R-VST),
//! relations of accounts.
#![forbid(unsafe_code)]

mod account;
mod assign;
mod convert;
mod deal;
mod effective;
mod follow_up;
mod gate;
mod itself;
mod lead;
mod lines;
mod pool;
mod stage;
mod stage_duty;
mod unconvert;
mod visit;
mod who;

use std::sync::Arc;

use rapport_records::{Action, Chore, Hook};

/// The hooks of this crate, in order.
#[must_use]
pub fn hooks() -> Vec<Arc<dyn Hook>> {
    vec![
        Arc::new(assign::Ownerless),
        Arc::new(lead::LeadHook),
        Arc::new(pool::Ownership),
        Arc::new(assign::FirstResponse),
        Arc::new(assign::ByRule),
        Arc::new(assign::RuleHook),
        Arc::new(pool::PoolHook),
        Arc::new(deal::DealHook),
        Arc::new(stage_duty::StageHook),
        Arc::new(pool::OfDeals),
        Arc::new(lines::LineHook),
        Arc::new(lines::SplitHook),
        Arc::new(follow_up::FollowUpHook),
        Arc::new(account::RelationHook),
    ]
}

/// What time brings to sales.
#[must_use]
pub fn chores() -> Vec<Arc<dyn Chore>> {
    vec![Arc::new(assign::Overdue), Arc::new(pool::Recycling)]
}

/// The actions of this crate.
#[must_use]
pub fn actions() -> Vec<Arc<dyn Action>> {
    let mut of_pools: Vec<Arc<dyn Action>> = vec![];
    for o in pool::OBJECTS {
        of_pools.push(Arc::new(pool::Claim::of(o)));
        of_pools.push(Arc::new(pool::ClaimMany::of(o)));
        of_pools.push(Arc::new(pool::Look::of(o)));
        of_pools.push(Arc::new(pool::IntoPool::given_back(o)));
        of_pools.push(Arc::new(pool::IntoPool::taken_back(o)));
        of_pools.push(Arc::new(pool::MoveToPool::of(o)));
        of_pools.push(Arc::new(pool::Extend::of(o)));
    }
    of_pools.extend(assign::OBJECTS.map(|o| Arc::new(assign::AssignByRule::of(o)) as Arc<dyn Action>));
    let mut all: Vec<Arc<dyn Action>> = vec![
        Arc::new(convert::Convert::default()),
        Arc::new(unconvert::Unconvert::default()),
        Arc::new(lead::Disqualify::default()),
        Arc::new(lead::Reopen::default()),
        Arc::new(stage::MoveStage::default()),
        Arc::new(stage::Close::won()),
        Arc::new(stage::Close::lost()),
        Arc::new(stage::Close::abandoned()),
        Arc::new(stage::ReopenDeal::default()),
        Arc::new(lines::SetSplits::default()),
        Arc::new(pool::Lock::on()),
        Arc::new(pool::Lock::off()),
        Arc::new(visit::CheckIn::default()),
        Arc::new(visit::CheckOut::default()),
    ];
    all.append(&mut of_pools);
    all
}
