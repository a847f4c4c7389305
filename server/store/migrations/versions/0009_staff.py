"""staff"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

Instant = server.store.types.Instant
Key = server.store.types.Key


def upgrade() -> None:
    roles = op.get_bind().execute(sa.text('SELECT id, branch_id, is_supervisor FROM clerk')).all()
    op.rename_table('clerk', 'staff_user')
    with op.batch_alter_table('staff_user') as batch:
        batch.drop_constraint('fk_clerk_branch_id', type_='foreignkey')
        batch.drop_constraint('uq_clerk_login', type_='unique')
        batch.create_unique_constraint('uq_staff_user_login', ['login'])
        batch.drop_column('branch_id')
        batch.drop_column('is_supervisor')
        batch.alter_column('password_hash', existing_type=sa.String(200), nullable=True)
        batch.add_column(sa.Column('language', sa.String(2), nullable=False, server_default='pl'))
        batch.add_column(sa.Column('sealed_totp', sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column('totp_confirmed_at', Instant(), nullable=True))
        batch.add_column(sa.Column('totp_step', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('staff_user') as batch:
        batch.alter_column('language', existing_type=sa.String(2), server_default=None)
        batch.alter_column('totp_step', existing_type=sa.Integer(), server_default=None)
    role = _add_roles()
    rows = [(user, branch, 'clerk') for user, branch, _ in roles]
    rows += [(user, branch, 'supervisor') for user, branch, steers in roles if steers]
    if rows:
        op.bulk_insert(role, [{'user_id': user, 'branch_id': branch, 'role': what} for user, branch, what in rows])
    _add_ways_in()
    op.create_table(
        'office_change',
        sa.Column('at', Instant(), nullable=False),
        sa.Column('user_id', Key, nullable=True),
        sa.Column('branch_id', Key, nullable=True),
        sa.Column('subject', sa.String(20), nullable=False),
        sa.Column('name', sa.String(100), nullable=False),
        sa.Column('old', server.store.types.Json, nullable=True),
        sa.Column('new', server.store.types.Json, nullable=True),
        sa.Column('undone_by_id', Key, nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_office_change_branch_id')),
        sa.ForeignKeyConstraint(['undone_by_id'], ['office_change.id'], name=op.f('fk_office_change_undone_by_id')),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_office_change_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_office_change')),
    )
    op.create_index(op.f('ix_office_change_at'), 'office_change', ['at'])
    op.create_index(op.f('ix_office_change_branch_id'), 'office_change', ['branch_id'])


def _add_roles() -> sa.Table:
    kinds = ', '.join(repr(each) for each in ('clerk', 'supervisor', 'manager', 'administrator', 'auditor'))
    return op.create_table(
        'user_role',
        sa.Column('user_id', Key, nullable=False),
        sa.Column('branch_id', Key, nullable=True),
        sa.Column('role', sa.String(20), nullable=False),
        sa.Column('id', Key, nullable=False),
        sa.CheckConstraint(f'role IN ({kinds})', name=op.f('ck_user_role_role')),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_user_role_branch_id')),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_user_role_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_user_role')),
        sa.UniqueConstraint('user_id', 'branch_id', 'role', name=op.f('uq_user_role_user_id_branch_id_role')),
    )


def _add_ways_in() -> None:
    op.create_table(
        'staff_session',
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('user_id', Key, nullable=False),
        sa.Column('proof', sa.String(10), nullable=True),
        sa.Column('agent', server.store.types.Json, nullable=False),
        sa.Column('started_at', Instant(), nullable=False),
        sa.Column('seen_at', Instant(), nullable=False),
        sa.Column('expires_at', Instant(), nullable=False),
        sa.Column('ended_at', Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_staff_session_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_staff_session_token_hash')),
    )
    op.create_index(op.f('ix_staff_session_user_id'), 'staff_session', ['user_id'])
    op.create_table(
        'staff_link',
        sa.Column('kind', sa.String(10), nullable=False),
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('user_id', Key, nullable=True),
        sa.Column('expires_at', Instant(), nullable=False),
        sa.Column('used_at', Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.CheckConstraint("kind IN ('first', 'invitation', 'password')", name=op.f('ck_staff_link_kind')),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_staff_link_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_link')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_staff_link_token_hash')),
    )
    op.create_table(
        'passkey',
        sa.Column('user_id', Key, nullable=False),
        sa.Column('credential', sa.LargeBinary(), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('sign_count', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(100), nullable=False),
        sa.Column('made_at', Instant(), nullable=False),
        sa.Column('used_at', Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_passkey_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
        sa.UniqueConstraint('credential', name=op.f('uq_passkey_credential')),
    )
    op.create_index(op.f('ix_passkey_user_id'), 'passkey', ['user_id'])
    op.create_table(
        'recovery_code',
        sa.Column('user_id', Key, nullable=False),
        sa.Column('code_hash', sa.LargeBinary(), nullable=False),
        sa.Column('used_at', Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_recovery_code_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
        sa.UniqueConstraint('code_hash', name=op.f('uq_recovery_code_code_hash')),
    )
    op.create_index(op.f('ix_recovery_code_user_id'), 'recovery_code', ['user_id'])


def downgrade() -> None:
    raise NotImplementedError('people of several branches and none fit no earlier schema: take a backup back')
