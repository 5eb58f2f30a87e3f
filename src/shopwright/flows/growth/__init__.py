"""Flows of what members are given beside what orders earn: tiers, referrals, rewards, reminders."""
